using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// Recognises the layer that computes the classes: fully connected, or a convolution that computes the same.
/// </summary>
internal static class ClassifierLayer
{
    /// <summary>Whether the node of a cut point may be the classifier.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="edges">Its cut points, the input first.</param>
    /// <param name="index">Index of the cut point, from 1.</param>
    /// <param name="shapes">Shapes of the edges for one image.</param>
    public static bool IsAt(
        OnnxGraph graph,
        List<string> edges,
        int index,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        (string before, string edge) = (edges[index - 1], edges[index]);
        bool isProduct =
            graph.ProducerOf(edge) is NodeProto { OpType: "Gemm" or "MatMul" or "Conv" } node
            && node.Input.Skip(1).Any(graph.IsConstant)
            && (
                node.OpType != "Conv"
                || IsPointwise(graph, node)
                || (node.GetInt("group", 1) == 1 && CoversMap(graph, node, shapes[before], shapes[edge]))
            );
        return isProduct
            || graph
                .Ancestors([edge], stopAt: before)
                .Any(one =>
                    HeadOperators.QuantizedProducts.Contains(one.OpType) && one.Input.Skip(1).Any(graph.IsConstant)
                );
    }

    /// <summary>Whether a convolution has a kernel of 1 x 1.</summary>
    public static bool IsPointwise(OnnxGraph graph, NodeProto convolution) =>
        KernelOf(graph, convolution) is not long[] kernel || kernel.All(size => size == 1);

    /// <summary>
    /// Whether a node is a convolution with a kernel of the whole map, which is a fully connected layer on it.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">The node.</param>
    /// <param name="before">Shape of its input.</param>
    /// <param name="after">Shape of its output.</param>
    public static bool CoversMap(OnnxGraph graph, NodeProto node, long[] before, long[] after) =>
        node.OpType == "Conv"
        && ImageEdges.IsMap(before)
        && !ImageEdges.IsMap(after)
        && KernelOf(graph, node) is long[] kernel
        && kernel.AsSpan().SequenceEqual(before.AsSpan(2))
        && (node.GetInts("pads") ?? []).All(pad => pad == 0);

    /// <summary>
    /// Why the output of a network is not a list of the classifier's classes; null where it may be one. Detectors and
    /// segmenters answer for many places of an image.
    /// </summary>
    /// <param name="classifier">The classifier's node.</param>
    /// <param name="classes">Shape of its result for one image.</param>
    /// <param name="output">Name of the network's output.</param>
    /// <param name="answer">Shape of the network's output for one image.</param>
    public static string? FindMismatch(NodeProto classifier, long[] classes, string output, long[] answer)
    {
        long classCount = classifier.OpType == "Conv" ? classes[1] : classes.LastOrDefault(1);
        long[] perImage = answer.Length > 0 ? answer[1..] : [];
        bool isForPlaces = perImage.Count(size => size != 1) > 1;
        bool isLonger = perImage.Length > 1 && perImage.Aggregate(1L, (product, size) => product * size) > classCount;
        return isForPlaces || isLonger
            ? $"it is no classifier: its output '{Printable.Text(output)}' is {string.Join(" x ", perImage)} for one "
                + "image and not a list of classes, as in detectors, segmenters and key point networks; "
                + "name the edge where the body ends"
            : null;
    }

    private static long[]? KernelOf(OnnxGraph graph, NodeProto convolution) =>
        convolution.GetInts("kernel_shape")
        ?? (
            graph.Weights.TryGetValue(convolution.Input[1], out TensorProto? weight) ? [.. weight.Dims.Skip(2)] : null
        );
}
