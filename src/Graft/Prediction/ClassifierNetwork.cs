using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// Runs the ONNX graph of an exported classifier, whose inputs and outputs <see cref="ClassifierEdges"/> names. Other
/// outputs are ignored. Thread-safe.
/// </summary>
internal sealed class ClassifierNetwork : IDisposable
{
    private const string WayOut = "train or export the model again with Graft";

    private readonly OnnxSession _network;
    private readonly int _output;
    private readonly int _unfamiliarity; // -1: the model has no such output

    /// <param name="model">Bytes of an .onnx file.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="threads">Threads of one call; 0 is one per core.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses the model, or it has other inputs or outputs.</exception>
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

    /// <summary>Runs the network on a batch.</summary>
    /// <param name="images">Planes of R, G and B with values 0 to 255, [N,3,H,W].</param>
    /// <param name="count">Number of images.</param>
    /// <param name="preprocessing">Size of the images.</param>
    /// <exception cref="OnnxException">
    /// The network takes another size, or returns no number for some image.
    /// </exception>
    public ClassifierOutput Run(float[] images, int count, Preprocessing preprocessing)
    {
        IReadOnlyList<OnnxOutput> outputs = _network.Run(images, count, 3, preprocessing.Height, preprocessing.Width);
        OnnxOutput output = outputs[_output];
        if (output.Singles is null || output.Shape.Length != 2 || output.Shape[0] != count)
        {
            throw new OnnxException(
                Name,
                $"its output '{ClassifierEdges.Probabilities}' has the shape [{string.Join(',', output.Shape)}], "
                    + $"not [{count},classes] of float32; {WayOut}"
            );
        }

        if (!output.Singles.All(float.IsFinite))
        {
            throw new OnnxException(
                Name,
                "it returns probabilities that are not numbers; check that the file is whole, then train again"
            );
        }

        float[]? unfamiliarity = _unfamiliarity < 0 ? null : outputs[_unfamiliarity].Singles;
        bool isUsable = _unfamiliarity < 0 || (unfamiliarity?.Length == count && unfamiliarity.All(float.IsFinite));
        return isUsable
            ? new(output.Singles, unfamiliarity)
            : throw new OnnxException(
                Name,
                $"its output '{ClassifierEdges.Unfamiliarity}' is not one number per image; {WayOut}"
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
                $"it is no Graft classifier: the input '{ClassifierEdges.Image}' "
                    + $"and the output '{ClassifierEdges.Probabilities}' are needed; {WayOut}"
            );
        }

        return index;
    }
}

/// <summary>Outputs of one run.</summary>
/// <param name="Probabilities">Class probabilities, row-major, [N,C].</param>
/// <param name="Unfamiliarity">Novelty scores, [N]; null if the model does not compute them.</param>
internal sealed record ClassifierOutput(float[] Probabilities, float[]? Unfamiliarity);
