using System.Globalization;

namespace Graft.Training.Weights;

/// <summary>
/// Finds the state_dict in a PyTorch file: the file's object itself, or an entry with one of the names that training
/// programs use.
/// </summary>
/// <param name="file">The file, for messages.</param>
/// <param name="pickle">Name of the pickle, for messages.</param>
internal sealed class TorchStateDict(WeightBytes file, string pickle)
{
    private const int MaximumDepth = 8;

    /// <summary>Usual names, best known first. The first name that holds tensors is used.</summary>
    private static readonly string[] UsualNames =
    [
        "state_dict",
        "model_state_dict",
        "model",
        "params",
        "params_ema",
        "net",
        "network",
        "module",
        "weights",
        "model_state",
        "model_ema",
        "state_dict_ema",
        "ema",
    ];

    /// <summary>Prefixes that data-parallel wrappers and torch.compile put before every name.</summary>
    private static readonly string[] WrapperPrefixes = ["module.", "_orig_mod."];

    /// <summary>
    /// Reads the tensors of the state_dict. Numbers and texts at the top level become metadata.
    /// </summary>
    /// <param name="root">The unpickled object.</param>
    /// <param name="tensors">Reads a tensor's values.</param>
    public WeightFile Read(object? root, TorchTensorReader tensors)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw file.Refuse(
                pickle,
                $"holds {TorchGlobals.Describe(root)}; save a state_dict, a dictionary of tensors"
            );
        }

        Dictionary<string, TorchTensor> found = WithoutPrefixes(Tensors(Find(dictionary, MaximumDepth)));
        OrderedDictionary<string, WeightTensor> read = new(found.Count);
        foreach ((string name, TorchTensor tensor) in found)
        {
            read[name] = tensors.Read(name, tensor);
        }

        return new WeightFile(file.Path, read, Metadata(dictionary));
    }

    private PickleDictionary Find(PickleDictionary dictionary, int depth)
    {
        List<(string Name, PickleDictionary Value)> groups =
        [
            .. dictionary
                .Pairs.Where(pair => pair is { Key: string, Value: PickleDictionary })
                .Select(pair => ((string)pair.Key!, (PickleDictionary)pair.Value!))
                .Where(pair => HoldsTensors(pair.Item2, [])),
        ];
        if (depth == 0)
        {
            throw file.Refuse(pickle, $"has more than {MaximumDepth} dictionaries inside each other");
        }

        foreach (string name in UsualNames)
        {
            if (groups.FindLast(group => group.Name == name) is { Value: { } value })
            {
                return Find(value, depth - 1);
            }
        }

        if (dictionary.Pairs.Any(pair => pair is { Key: string, Value: TorchTensor }))
        {
            return dictionary;
        }

        return groups switch
        {
            [] => throw file.Refuse(pickle, "holds no tensors under names; save a state_dict, a dictionary of tensors"),
            [var only] => Find(only.Value, depth - 1),
            _ => throw file.Refuse(
                pickle,
                $"holds several groups of tensors ({NamesOf(groups)}); save only the one to use"
            ),
        };
    }

    private static string NamesOf(List<(string Name, PickleDictionary Value)> groups) =>
        string.Join(", ", groups.Take(8).Select(group => $"'{group.Name}'"));

    // Visits each dictionary once, because a file can put one into itself.
    private static bool HoldsTensors(PickleDictionary root, HashSet<PickleDictionary> seen)
    {
        Stack<PickleDictionary> open = new([root]);
        while (open.TryPop(out PickleDictionary? next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            foreach ((object? key, object? value) in next.Pairs)
            {
                if (key is string && value is TorchTensor)
                {
                    return true;
                }

                if (value is PickleDictionary inner)
                {
                    open.Push(inner);
                }
            }
        }

        return false;
    }

    private static Dictionary<string, TorchTensor> Tensors(PickleDictionary dictionary)
    {
        Dictionary<string, TorchTensor> tensors = [];
        foreach ((object? key, object? value) in dictionary.Pairs)
        {
            if (key is string name && value is TorchTensor tensor)
            {
                tensors[name] = tensor;
            }
        }

        return tensors;
    }

    private static Dictionary<string, TorchTensor> WithoutPrefixes(Dictionary<string, TorchTensor> tensors)
    {
        for (int i = 0; i < MaximumDepth; i++)
        {
            string? prefix = WrapperPrefixes.FirstOrDefault(prefix =>
                tensors.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal))
            );
            if (prefix is null)
            {
                break;
            }

            tensors = tensors.ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        }

        return tensors;
    }

    private static Dictionary<string, string> Metadata(PickleDictionary dictionary)
    {
        Dictionary<string, string> metadata = [];
        foreach ((object? key, object? value) in dictionary.Pairs)
        {
            if (key is string name && value is (string or long or double or bool))
            {
                metadata[name] = string.Create(CultureInfo.InvariantCulture, $"{value}");
            }
        }

        return metadata;
    }
}
