using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>
/// Cross-layer equalization (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
/// ICCV 2019, section 4.1): scales each channel between two convolutions so that the kernels on both sides have the
/// same range. With ReLU or nothing between them the network computes the same as before. ReLU6 becomes ReLU, which
/// changes it.
/// </summary>
internal static class Equalization
{
    private const int Rounds = 20;

    // No channel is scaled by more: a dead one would be without bounds.
    private const double MostScale = 64;

    /// <summary>
    /// A copy of a network whose pairs of convolutions are equalized; null where it has no such pair.
    /// </summary>
    /// <param name="model">The network, its batch-norms folded; not changed.</param>
    public static OnnxModel? Apply(OnnxModel model)
    {
        OnnxModel equalized = model.Clone();
        OnnxGraph graph = new(equalized);
        Dictionary<NodeProto, Convolution> all = new(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in graph.Nodes)
        {
            if (Convolution.Of(graph, node) is Convolution convolution)
            {
                all.Add(node, convolution);
            }
        }

        List<(Convolution First, NodeProto? Limit, Convolution Second)> pairs = [];
        foreach (Convolution first in all.Values)
        {
            (NodeProto? limit, NodeProto? reader) = After(graph, first.Node);
            if (reader is not null && all.TryGetValue(reader, out Convolution? second))
            {
                pairs.Add((first, limit, second));
            }
        }

        for (int round = 0; round < Rounds; round++)
        {
            pairs.ForEach(pair => Equalize(pair.First, pair.Second));
        }

        pairs.ForEach(pair => ToRelu(pair.Limit));
        all.Values.ToList().ForEach(convolution => convolution.WriteTo(equalized));
        GraphCleaning.RemoveUnread(equalized);
        return pairs.Count > 0 ? equalized : null;
    }

    // The only reader of a convolution, behind a ReLU or ReLU6.
    private static (NodeProto? Limit, NodeProto? Reader) After(OnnxGraph graph, NodeProto node)
    {
        NodeProto? reader = OnlyReader(graph, node.Output[0]);
        bool isLimit =
            reader?.OpType == "Relu"
            || (reader?.OpType == "Clip" && QuantizedPart.Bound(graph, reader, 1, "min", float.NegativeInfinity) == 0);
        return isLimit ? (reader, OnlyReader(graph, reader!.Output[0])) : (null, reader);
    }

    private static NodeProto? OnlyReader(OnnxGraph graph, string edge) =>
        graph.ConsumersOf(edge) is [NodeProto reader] && graph.Outputs.All(output => output.Name != edge)
            ? reader
            : null;

    private static void Equalize(Convolution first, Convolution second)
    {
        for (int channel = 0; channel < first.Filters; channel++)
        {
            double before = LargestOf(first.Kernel.AsSpan(channel * first.FilterSize, first.FilterSize));
            double after = 0;
            ForEachInput(second, channel, (ref float weight) => after = Math.Max(after, Math.Abs((double)weight)));
            if (before == 0 || after == 0)
            {
                continue;
            }

            double scale = Math.Clamp(Math.Sqrt(before / after), 1 / MostScale, MostScale);
            foreach (ref float weight in first.Kernel.AsSpan(channel * first.FilterSize, first.FilterSize))
            {
                weight = (float)(weight / scale);
            }

            first.Bias[channel] = (float)(first.Bias[channel] / scale);
            ForEachInput(second, channel, (ref float weight) => weight = (float)(weight * scale));
        }
    }

    private delegate void Visit(ref float weight);

    // The weights of a convolution that an input channel meets.
    private static void ForEachInput(Convolution convolution, int channel, Visit visit)
    {
        int perGroup = (int)convolution.Shape[1];
        int filters = convolution.Filters / convolution.Groups;
        int area = convolution.FilterSize / perGroup;
        int group = channel / perGroup;
        for (int m = group * filters; m < (group + 1) * filters; m++)
        {
            int start = (m * convolution.FilterSize) + (channel % perGroup * area);
            for (int i = start; i < start + area; i++)
            {
                visit(ref convolution.Kernel[i]);
            }
        }
    }

    private static double LargestOf(ReadOnlySpan<float> values) =>
        Math.Abs((double)System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(values));

    private static void ToRelu(NodeProto? limit)
    {
        if (limit?.OpType == "Clip")
        {
            limit.OpType = "Relu";
            limit.Attribute.Clear();
            while (limit.Input.Count > 1)
            {
                limit.Input.RemoveAt(1);
            }
        }
    }
}
