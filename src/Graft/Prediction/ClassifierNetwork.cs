using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// A network that keeps the contract of an exported classifier: one input "image", float32 R, G, B of 0..255, N x 3 x H x W, and an output "probabilities", N x C.
/// Other outputs are not read. Thread-safe.
/// </summary>
internal sealed class ClassifierNetwork : IDisposable
{
    public const string InputName = "image";
    public const string OutputName = "probabilities";

    private const string WayOut = "train or export the model again with Graft";

    private readonly Network _network;
    private readonly int _output;

    /// <param name="model">The bytes of a .onnx file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="threads">Threads of one call; 0: one a core.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses it, or it has other inputs or outputs.</exception>
    public ClassifierNetwork(byte[] model, string name, int threads = 0)
    {
        _network = new Network(model, name, threads);
        try
        {
            _output = IndexOfOutput(_network);
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
    /// <exception cref="OnnxException">The network takes other sizes, or gives something else than N rows of numbers.</exception>
    public float[] Run(float[] images, int count, Preprocessing preprocessing)
    {
        NetworkOutput output = _network.Run(images, count, 3, preprocessing.Height, preprocessing.Width)[_output];
        if (output.Singles is null || output.Shape.Length != 2 || output.Shape[0] != count)
        {
            throw new OnnxException(Name, $"its output '{OutputName}' has the shape [{string.Join(',', output.Shape)}], not [{count},classes] of float32; {WayOut}");
        }

        if (!output.Singles.All(float.IsFinite))
        {
            throw new OnnxException(Name, "it gives probabilities that are not numbers; check that the file is whole, then train again");
        }

        return output.Singles;
    }

    public void Dispose() => _network.Dispose();

    private static int IndexOfOutput(Network network)
    {
        int index = network.OutputNames.ToList().IndexOf(OutputName);
        if (network.InputNames is not [InputName] || index < 0)
        {
            throw new OnnxException(network.Name, $"it is no Graft classifier: the input '{InputName}' and the output '{OutputName}' are needed; {WayOut}");
        }

        return index;
    }
}
