using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>
/// Folds each batch-norm into the convolution before it, whose kernel and bias then compute both. Quantizing them
/// apart would round twice.
/// </summary>
internal static class NormFolding
{
    /// <summary>A copy of <paramref name="model"/> with its batch-norms folded where that is possible.</summary>
    public static OnnxModel Fold(OnnxModel model)
    {
        OnnxModel folded = model.Clone();
        OnnxGraph graph = new(folded);
        List<NodeProto> removed = [];
        foreach (NodeProto node in graph.Nodes)
        {
            if (Convolution.Of(graph, node) is Convolution convolution && NormAfter(graph, node) is NodeProto norm)
            {
                Fold(convolution, norm, graph);
                node.Output[0] = norm.Output[0];
                convolution.WriteTo(folded);
                removed.Add(norm);
            }
        }

        removed.ForEach(norm => folded.Graph.Node.Remove(norm));
        GraphCleaning.RemoveUnread(folded);
        return folded;
    }

    private static NodeProto? NormAfter(OnnxGraph graph, NodeProto node)
    {
        string edge = node.Output[0];
        bool isFoldable =
            graph.ConsumersOf(edge) is [{ OpType: "BatchNormalization", Input.Count: 5 } reader]
            && reader.Input[0] == edge
            && reader.Input.Skip(1).All(input => Constants.Of(graph, input) is not null)
            && reader.Output.Skip(1).All(output => output.Length == 0)
            && reader.GetInt("training_mode", 0) == 0
            && reader.GetInt("spatial", 1) != 0
            && graph.Outputs.All(output => output.Name != edge);
        return isFoldable ? graph.ConsumersOf(edge)[0] : null;
    }

    private static void Fold(Convolution convolution, NodeProto norm, OnnxGraph graph)
    {
        float[][] values = [.. norm.Input.Skip(1).Select(edge => TensorValues.ToSingles(Constants.Of(graph, edge)!))];
        (float[] scale, float[] shift, float[] mean, float[] variance) = (values[0], values[1], values[2], values[3]);
        float epsilon = norm.GetFloat("epsilon", 1e-5f);
        for (int m = 0; m < convolution.Filters; m++)
        {
            double factor = scale[m] / Math.Sqrt((double)variance[m] + epsilon);
            foreach (ref float weight in convolution.Kernel.AsSpan(m * convolution.FilterSize, convolution.FilterSize))
            {
                weight = (float)(weight * factor);
            }

            convolution.Bias[m] = (float)(shift[m] + ((convolution.Bias[m] - mean[m]) * factor));
        }
    }
}
