using Graft.Onnx;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Folds a batch-norm in inference mode into the kernel and bias of the convolution before it. The batch-norm then
/// stores no activations. The fold is part of every run, so the gradients of scale and bias flow through it exactly. If
/// kernel and batch-norm are frozen, the fold is computed once.
/// </summary>
internal static class ConvolutionFolding
{
    /// <summary>
    /// Finds the batch-norm to fold into a convolution. Returns null if there is none, or if another node reads the
    /// convolution's output.
    /// </summary>
    public static NodeProto? Find(OnnxGraph graph, NodeProto node)
    {
        if (
            node.OpType != "Conv"
            || node.Input.Count < 2
            || graph.ProducerOf(node.Input[1]) is { OpType: not ("Constant" or "ConstantOfShape") }
        )
        {
            return null;
        }

        string edge = node.Output[0];
        IReadOnlyList<NodeProto> readers = graph.ConsumersOf(edge);
        bool isFoldable =
            readers is [{ OpType: "BatchNormalization" } reader]
            && reader.Input.Count == 5
            && reader.Input[0] == edge
            && !reader.Input.Skip(1).Contains(edge)
            && reader.Output.Skip(1).All(output => output.Length == 0)
            && reader.GetInt("spatial", 1) != 0
            && reader.GetInt("training_mode", 0) == 0
            && reader
                .Input.Skip(1)
                .All(input =>
                    graph.Weights.ContainsKey(input)
                    || graph.ProducerOf(input) is { OpType: "Constant" or "ConstantOfShape" }
                )
            && graph.Outputs.All(output => output.Name != edge);
        return isFoldable ? readers[0] : null;
    }

    /// <summary>
    /// Makes the kernel that computes the fold. Inputs: kernel [M,C,...], optional bias, scale, shift, mean and
    /// variance [M]. Outputs: kernel and bias.
    /// </summary>
    public static Kernel Make(NodeContext norm)
    {
        double epsilon = norm.Float("epsilon", 1e-5);
        return x =>
        {
            Tensor weight = x.Master(0);
            Tensor scale = x.Master(2) * x.Master(5).Plus(epsilon).rsqrt().to(x.Master(2).device); // [M]
            Tensor mean = x.Master(4).to(scale.device);
            Tensor offset = x.Has(1) ? x.Master(1).to(scale.device) - mean : -mean;
            Tensor bias = x.Master(3).to(scale.device).Plus(offset * scale); // [M]
            return
            [
                weight.to(scale.device) * scale.reshape([-1, .. Enumerable.Repeat(1L, (int)weight.dim() - 1)]),
                bias,
            ];
        };
    }
}
