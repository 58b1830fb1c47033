using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// A network that keeps the contract of an exported classifier: one input "image", float32 R, G, B of 0..255, N x 3 x H
/// x W, and an output "probabilities", N x C.
/// Perhaps "unfamiliarity", N x 1; other outputs are not read. Thread-safe.
/// </summary>
internal sealed class ClassifierNetwork : IDisposable
{
    private const string WayOut = "train or export the model again with Graft";

    private readonly OnnxSession _network;
    private readonly int _output;
    private readonly int _unfamiliarity; // -1: none

    /// <param name="model">The bytes of a .onnx file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="threads">Threads of one call; 0: one a core.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses it, or it has other inputs or outputs.</exception>
    public ClassifierNetwork(byte[] model, string name, int threads = 0)
    {
        _network = new OnnxSession(model, name, threads);
        try
        {
            _output = IndexOfOutput(_network);
            _unfamiliarity = _network.OutputNames.ToList().IndexOf(ClassifierEdges.Unfamiliarity);
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    public string Name => _network.Name;

    /// <summary>Probabilities, row-major, [N,C].</summary>
    /// <param name="images">Planes of R, G, B, 0..255, [N,3,H,W].</param>
    /// <param name="count">N.</param>
    /// <exception cref="OnnxException">The network takes other sizes, or gives something else than N rows of
    /// numbers.</exception>
    public float[] Run(float[] images, int count, Preprocessing preprocessing) =>
        RunAll(images, count, preprocessing).Probabilities;

    /// <summary>The same, and the unfamiliarity, [N]; null where the file does not tell it.</summary>
    /// <inheritdoc cref="Run"/>
    public (float[] Probabilities, float[]? Unfamiliarity) RunAll(
        float[] images,
        int count,
        Preprocessing preprocessing
    )
    {
        IReadOnlyList<OnnxOutput> outputs = _network.Run(images, count, 3, preprocessing.Height, preprocessing.Width);
        OnnxOutput output = outputs[_output];
        if (output.Singles is null || output.Shape.Length != 2 || output.Shape[0] != count)
        {
            throw new OnnxException(
                Name,
                $"its output '{ClassifierEdges.Probabilities}' has the shape [{string.Join(',', output.Shape)}], not [{count},classes] of float32; {WayOut}"
            );
        }

        if (!output.Singles.All(float.IsFinite))
        {
            throw new OnnxException(
                Name,
                "it gives probabilities that are not numbers; check that the file is whole, then train again"
            );
        }

        float[]? unfamiliarity = _unfamiliarity < 0 ? null : outputs[_unfamiliarity].Singles;
        return _unfamiliarity < 0 || (unfamiliarity?.Length == count && unfamiliarity.All(float.IsFinite))
            ? (output.Singles, unfamiliarity)
            : throw new OnnxException(
                Name,
                $"its output '{ClassifierEdges.Unfamiliarity}' is not a number an image; {WayOut}"
            );
    }

    public void Dispose() => _network.Dispose();

    private static int IndexOfOutput(OnnxSession network)
    {
        int index = network.OutputNames.ToList().IndexOf(ClassifierEdges.Probabilities);
        if (network.InputNames is not [ClassifierEdges.Image] || index < 0)
        {
            throw new OnnxException(
                network.Name,
                $"it is no Graft classifier: the input '{ClassifierEdges.Image}' and the output '{ClassifierEdges.Probabilities}' are needed; {WayOut}"
            );
        }

        return index;
    }
}
