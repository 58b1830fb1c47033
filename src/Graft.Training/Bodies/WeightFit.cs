using Graft.Data;
using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>Whether a weight file is one of a given network: the same names and shapes, nothing missing, nothing left over.</summary>
internal static class WeightFit
{
    private const int NamesShown = 5;

    /// <exception cref="WeightFileException">It is not; lists what is missing, unexpected and wrongly shaped.</exception>
    public static void Check(string network, WeightFile file, IReadOnlyList<TensorProto> weights)
    {
        HashSet<string> wanted = [.. weights.Select(w => w.Name)];
        string[] unexpected = [.. file.Tensors.Keys.Where(name => !wanted.Contains(name) && !IsOfTraining(name))];
        string[] missing = [.. weights.Where(w => !file.Tensors.ContainsKey(w.Name)).Select(w => Missing(w.Name, unexpected))];
        string[] misshapen = [.. weights.Where(w => file.Tensors.TryGetValue(w.Name, out WeightTensor? t) && !t.Shape.SequenceEqual(w.Dims)).Select(w =>
            $"'{w.Name}' is [{string.Join(',', file.Tensors[w.Name].Shape)}], not [{string.Join(',', w.Dims)}]")];

        List<string> wrong = [];
        Add(wrong, "missing", missing);
        Add(wrong, "of another shape", misshapen);
        Add(wrong, "unexpected", [.. unexpected.Select(name => $"'{Printable.Text(name)}'")]);
        if (wrong.Count > 0)
        {
            throw new WeightFileException(file.Path, $"not weights of {network}", string.Join("; ", wrong) + "; name the network that the file is of with --body");
        }
    }

    // torchvision's count of training steps a batch-norm, and GoogLeNet's auxiliary classifiers: no part of the network in use.
    private static bool IsOfTraining(string name) =>
        name.EndsWith(".num_batches_tracked", StringComparison.Ordinal) || name.StartsWith("aux1.", StringComparison.Ordinal) || name.StartsWith("aux2.", StringComparison.Ordinal);

    private static string Missing(string name, string[] unexpected)
    {
        string? nearest = NearestName.Of(name, unexpected);
        return nearest is null ? $"'{name}'" : $"'{name}' (nearest: '{Printable.Text(nearest)}')";
    }

    private static void Add(List<string> wrong, string what, string[] names)
    {
        if (names.Length > 0)
        {
            string more = names.Length > NamesShown ? $" and {names.Length - NamesShown:N0} more" : "";
            wrong.Add($"{names.Length:N0} {what}: {string.Join(", ", names.Take(NamesShown))}{more}");
        }
    }
}
