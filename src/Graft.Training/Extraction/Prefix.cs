using Graft.Onnx;
using Graft.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>
/// The frozen part of a network, ready to run. Thread-safe; an image's values do not depend on what is computed with
/// it.
/// </summary>
internal interface IFrozenNetwork : IDisposable
{
    /// <summary>Images that are best given at once.</summary>
    public int Batch { get; }

    /// <param name="pixels">[N,3,H,W], R, G, B in 0..255.</param>
    /// <returns>An array an output of the network, in its order: [N, values of a row].</returns>
    public IReadOnlyList<float[]> Run(float[] pixels, int count);
}

/// <summary>By ONNX Runtime in float32.</summary>
internal sealed class OnnxFrozenNetwork(byte[] file, string name, int height, int width) : IFrozenNetwork
{
    private readonly OnnxSession _session = new(file, name, threads: 1);

    public int Batch => 1;

    public IReadOnlyList<float[]> Run(float[] pixels, int count) =>
        [.. _session.Run(pixels, count, 3, height, width).Select(output => output.Singles!)];

    public void Dispose() => _session.Dispose();
}

/// <summary>
/// By libtorch in bfloat16, channels last in memory, batch-norm folded into the convolutions. The threads are the
/// caller's: an image is computed by one.
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
    /// The views of an image together: a small network spends half of its time between the operators of one image.
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
