namespace Graft.Onnx;

/// <summary>
/// Tells edges that carry the image's content from those that follow from shapes and constants alone (Shape → Gather →
/// Concat chains,
/// class tokens expanded to the batch). Only the former count when a network is cut.
/// </summary>
internal static class ImageEdges
{
    /// <summary>
    /// The model's first input and every edge computed from its values, not merely from its shape, that the first
    /// output needs.
    /// </summary>
    public static IReadOnlySet<string> Find(OnnxGraph graph)
    {
        HashSet<string> content = [graph.Inputs[0].Name];
        foreach (
            NodeProto node in graph.Nodes.Where(node =>
                node.OpType is not ("Shape" or "Size") && node.InputEdges().Any(content.Contains)
            )
        )
        {
            content.UnionWith(node.Output.Where(o => o.Length > 0));
        }

        HashSet<string> needed = [];
        Queue<string> open = new([graph.Outputs[0].Name]);
        while (open.TryDequeue(out string? edge))
        {
            if (content.Contains(edge) && needed.Add(edge) && graph.ProducerOf(edge) is NodeProto producer)
            {
                foreach (string input in producer.InputEdges())
                {
                    open.Enqueue(input);
                }
            }
        }

        return needed;
    }
}
