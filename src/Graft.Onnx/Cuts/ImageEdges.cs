namespace Graft.Onnx;

/// <summary>
/// Finds the edges that depend on the values of the image. The others depend only on shapes and constants, such as
/// Shape → Gather → Concat chains and class tokens expanded to the batch. Cuts consider image edges only.
/// </summary>
internal static class ImageEdges
{
    /// <summary>Whether a shape is a map N x C x H x W of more than one place.</summary>
    public static bool IsMap(long[] shape) => shape.Length == 4 && shape[2] * shape[3] > 1;

    /// <summary>
    /// The first input and every edge that depends on its values, not only on its shape, and that the first output
    /// needs.
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
