using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>A frozen network in ONNX Runtime, in float32.</summary>
internal sealed class OnnxFrozenNetwork(byte[] file, string name, int height, int width) : IFrozenNetwork
{
    private readonly OnnxSession _session = new(file, name, threads: 1);

    public int Batch => 1;

    public IReadOnlyList<float[]> Run(float[] pixels, int count) =>
        [.. _session.Run(pixels, count, 3, height, width).Select(output => output.Singles!)];

    public void Dispose() => _session.Dispose();
}
