using System.Globalization;
using System.Text.RegularExpressions;

namespace Graft.Training.Weights;

/// <summary>
/// Translates the names of older `.weights.h5` files, which hold positions in place of layer names: "conv2d_12/kernel"
/// is the thirteenth Conv2D of `model.layers` (saving_lib.py, _save_container_state). `model.layers` is sorted by depth
/// (functional.py, map_graph_network). Except for ResNet's shortcuts, this is the builders' order.
/// </summary>
internal static partial class KerasPositions
{
    private const string Conv = "conv2d",
        Depthwise = "depthwise_conv2d",
        Dense = "dense",
        Norm = "batch_normalization";

    /// <summary>
    /// A translation from the file's names to the network's; null where the file's names are not positions, or the
    /// numbers of layers differ from the network's.
    /// </summary>
    public static Func<string, string?>? Of(WeightFile file, IReadOnlyDictionary<string, IReadOnlyList<long>> expected)
    {
        string[] names =
        [
            .. file.Tensors.Keys.Where(name => !name.StartsWith("normalization", StringComparison.Ordinal)),
        ];
        if (!file.IsChannelsLast || names.Length == 0 || !names.All(name => Position().IsMatch(name)))
        {
            return null;
        }

        Dictionary<string, List<string>> modules = Modules(expected);
        Dictionary<string, int> counts = names
            .Select(Parts)
            .GroupBy(part => part.Kind)
            .ToDictionary(kind => kind.Key, kind => kind.Max(part => part.Index) + 1);
        bool isTopConvolution =
            counts.GetValueOrDefault(Dense) == 0
            && counts.GetValueOrDefault(Conv) == modules[Conv].Count + modules[Dense].Count;
        if (isTopConvolution)
        {
            modules[Conv].AddRange(modules[Dense]); // MobileNet's classifier
        }

        bool fits =
            new[] { Conv, Depthwise, Norm }.All(kind => counts.GetValueOrDefault(kind) == modules[kind].Count)
            && counts.GetValueOrDefault(Dense) <= modules[Dense].Count;
        return fits ? name => Target(name, modules) : null;
    }

    private static string? Target(string name, Dictionary<string, List<string>> modules)
    {
        if (!Position().IsMatch(name))
        {
            return null;
        }

        (string kind, int index) = Parts(name);
        return KerasNames.Parameter(name[(name.LastIndexOf('/') + 1)..], kind) is { } parameter
            ? $"{modules[kind][index]}.{parameter}"
            : null;
    }

    private static (string Kind, int Index) Parts(string name)
    {
        Match match = Position().Match(name);
        return (
            match.Groups["kind"].Value,
            match.Groups["index"].Success ? int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture) : 0
        );
    }

    // The network's modules by Keras class, in the order of model.layers.
    private static Dictionary<string, List<string>> Modules(IReadOnlyDictionary<string, IReadOnlyList<long>> expected)
    {
        Dictionary<string, List<string>> modules = new()
        {
            [Conv] = [],
            [Depthwise] = [],
            [Dense] = [],
            [Norm] = [],
        };
        foreach (
            (string name, IReadOnlyList<long> shape) in expected.Where(pair =>
                pair.Key.EndsWith(".weight", StringComparison.Ordinal)
            )
        )
        {
            string module = name[..^".weight".Length];
            string kind = shape.Count switch
            {
                4 when shape[1] == 1 => Depthwise,
                4 => Conv,
                2 => Dense,
                _ => Norm,
            };
            Add(modules[kind], module);
        }

        return modules;
    }

    // A shortcut has the depth of its block's last convolution, and Keras creates it before that convolution.
    private static void Add(List<string> modules, string module)
    {
        bool isShortcut =
            module.EndsWith(".downsample.0", StringComparison.Ordinal)
            || module.EndsWith(".downsample.1", StringComparison.Ordinal);
        modules.Insert(isShortcut && modules.Count > 0 ? modules.Count - 1 : modules.Count, module);
    }

    [GeneratedRegex(
        @"^(.*/)?(?<kind>conv2d|depthwise_conv2d|dense|batch_normalization)(_(?<index>[0-9]{1,4}))?/[a-z_]+$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Position();
}
