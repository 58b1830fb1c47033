using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>A classifier in ONNX Runtime, whose card need not be there yet.</summary>
internal sealed class ClassifierSession(OnnxModel model, string name, int threads) : IDisposable
{
    private readonly OnnxSession _session = new(model, name, threads);

    /// <summary>The probabilities of one image, [C].</summary>
    /// <param name="input">Planes of R, G and B with values 0 to 255.</param>
    /// <param name="shape">1 x 3 x H x W.</param>
    public float[] Run(float[] input, long[] shape)
    {
        int output = _session.OutputNames.ToList().IndexOf(ClassifierEdges.Probabilities);
        return _session.Run(input, shape)[output].Singles!;
    }

    public void Dispose() => _session.Dispose();
}
