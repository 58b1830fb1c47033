using Graft.Onnx;
using Graft.Training.Bodies;
using TorchSharp.Modules;

namespace Graft.Training.FineTuning;

/// <summary>Parameters that share a rate.</summary>
/// <param name="IsHead">True: the head's rate applies; false: the body's.</param>
/// <param name="Factor">Factor of that rate, 0..1.</param>
/// <param name="IsDecayed">False for biases and normalisations, which have no weight decay.</param>
/// <param name="Parameters">The parameters.</param>
internal sealed record ParameterGroup(bool IsHead, double Factor, bool IsDecayed, IReadOnlyList<Parameter> Parameters)
{
    private const int Quarters = 4;

    /// <summary>
    /// Groups the parameters of a tail. The head is one part. The body's weighted layers form four quarters: the last
    /// one has factor 1, and each earlier one a factor smaller by <paramref name="quarterDecay"/>. The pretrained head
    /// of co-tuning learns as the last quarter does.
    /// </summary>
    /// <param name="tail">The trained part of the network.</param>
    /// <param name="parameters">Its parameters by name.</param>
    /// <param name="quarterDecay">Factor per quarter, 0..1.</param>
    public static IReadOnlyList<ParameterGroup> Of(
        OnnxModel tail,
        IReadOnlyDictionary<string, Parameter> parameters,
        double quarterDecay
    )
    {
        List<string[]> layers =
        [
            .. new OnnxGraph(tail)
                .Nodes.Select(node => node.Input.Where(parameters.ContainsKey).ToArray())
                .Where(names => names.Length > 0),
        ];
        int bodyLayers = layers.Count(names => !IsHeadName(names[0]) && !PretrainedHead.Owns(names[0]));
        Dictionary<string, (bool IsHead, double Factor)> places = [];
        for (int i = 0; i < layers.Count; i++)
        {
            foreach (string name in layers[i])
            {
                int quartersFromEnd = Math.Max(0, (bodyLayers - 1 - i) * Quarters / Math.Max(1, bodyLayers));
                places.TryAdd(name, IsHeadName(name) ? (true, 1) : (false, Math.Pow(quarterDecay, quartersFromEnd)));
            }
        }

        return
        [
            .. parameters
                .Where(p => places.ContainsKey(p.Key))
                .GroupBy(p => (places[p.Key].IsHead, places[p.Key].Factor, IsDecayed: p.Value.dim() > 1))
                .Select(g => new ParameterGroup(
                    g.Key.IsHead,
                    g.Key.Factor,
                    g.Key.IsDecayed,
                    [.. g.Select(p => p.Value)]
                )),
        ];
    }

    private static bool IsHeadName(string name) => name.StartsWith(HeadBuilder.Prefix, StringComparison.Ordinal);
}
