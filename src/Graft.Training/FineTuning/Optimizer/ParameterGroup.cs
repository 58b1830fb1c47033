using Graft.Onnx;
using Graft.Training.Bodies;
using TorchSharp.Modules;

namespace Graft.Training.FineTuning;

/// <summary>Parameters that learn at one rate.</summary>
/// <param name="Factor">The group's rate is this times the peak of its part (head or body).</param>
/// <param name="IsDecayed">False for biases and normalisations: pulling them to zero has no use.</param>
internal sealed record ParameterGroup(bool IsHead, double Factor, bool IsDecayed, IReadOnlyList<Parameter> Parameters)
{
    private const int Stages = 4;

    /// <summary>
    /// Groups the parameters of a tail: the head, and the body in quarters of its weighted layers, the one before the
    /// head at factor 1 and each
    /// further one slower by <paramref name="quarterDecay"/>. An old head that learns along is a part of the pretrained
    /// network: it learns as the body's last layers do.
    /// </summary>
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
        int bodyLayers = layers.Count(names => !IsHeadName(names[0]) && !Bodies.PretrainedHead.IsOwner(names[0]));
        Dictionary<string, (bool IsHead, double Factor)> places = [];
        for (int i = 0; i < layers.Count; i++)
        {
            foreach (string name in layers[i])
            {
                int quartersFromEnd = Math.Max(0, (bodyLayers - 1 - i) * Stages / Math.Max(1, bodyLayers));
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
