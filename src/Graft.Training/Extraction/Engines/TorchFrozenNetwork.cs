using Graft.Onnx;
using Graft.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>
/// A frozen network in libtorch, in bfloat16, with channels last in memory and batch-norm folded into the convolutions.
/// It computes on the caller's thread.
/// </summary>
internal sealed class TorchFrozenNetwork(OnnxModel network, int height, int width) : IFrozenNetwork
{
    private readonly TorchGraph _graph = new(
        network,
        new() { ComputeType = ScalarType.BFloat16, IsTrainable = _ => false }
    );
    private readonly string[] _outputs = [.. network.Graph.Output.Select(output => output.Name)];
    private readonly string _input = network.Graph.Input[0].Name;

    /// <summary>
    /// Views of an image run together, because a small network spends half of its time between the operators.
    /// </summary>
    public int Batch => 4;

    public IReadOnlyList<float[]> Run(float[] pixels, int count)
    {
        using IDisposable noGradient = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        Tensor images = AlignedTensor.Of(pixels, [count, 3, height, width]);
        IReadOnlyDictionary<string, Tensor> found = _graph.Run(new Dictionary<string, Tensor> { [_input] = images });
        return [.. _outputs.Select(name => found[name].contiguous().data<float>().ToArray())]; // [N,...]
    }

    public void Dispose() => _graph.Dispose();
}
