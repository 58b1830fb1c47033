using Graft.Infrastructure;
using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>The tensors and metadata of a weight file of any format.</summary>
/// <param name="Path">Path of the file, for messages.</param>
/// <param name="Tensors">Tensors by name, in the file's order.</param>
/// <param name="Metadata">Texts that describe the file; empty where it has none.</param>
internal sealed record WeightFile(
    string Path,
    IReadOnlyDictionary<string, WeightTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    /// <summary>
    /// Whether kernels have the order height, width, in, out (Keras). Otherwise it is out, in, height, width (PyTorch
    /// and ONNX).
    /// </summary>
    public bool IsChannelsLast { get; init; }

    /// <summary>Empty metadata.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    /// <summary>
    /// Reads a safetensors, PyTorch (zip and legacy) or Keras (.h5, .weights.h5, .keras) file. The first bytes decide
    /// the format, not the file's name.
    /// </summary>
    /// <exception cref="WeightFileException">
    /// The file has another format, is damaged, or holds something other than weights.
    /// </exception>
    public static WeightFile Read(string path)
    {
        using WeightBytes file = WeightBytes.Open(path);
        return Read(file);
    }

    internal static WeightFile Read(WeightBytes file)
    {
        Span<byte> start = stackalloc byte[16];
        start = start[..file.ReadSome(0, start, "the beginning")];
        if (ZipEntries.IsZip(start))
        {
            ZipEntries zip = new(file);
            MemoryBudget budget = new(file);
            return KerasFile.IsKerasArchive(zip)
                ? KerasFile.ReadArchive(file, zip, budget)
                : TorchFile.ReadZip(file, zip, budget);
        }

        if (TorchFile.IsLegacy(start))
        {
            return TorchFile.Read(file);
        }

        if (Hdf5File.IsHdf5(start))
        {
            return KerasFile.Read(file);
        }

        if (start.Length > 8 && start[8] == (byte)'{')
        {
            return SafetensorsFile.Read(file);
        }

        throw file.Refuse("the beginning", UnknownKind(file));
    }

    private static string UnknownKind(WeightBytes file)
    {
        Span<byte> start = stackalloc byte[FileKind.Length];
        start = start[..file.ReadSome(0, start, "the beginning")];
        string? kind = FileKind.IsOnnx(start)
            ? "an ONNX file, a whole network; use or import it as a body of its own"
            : FileKind.Describe(start);
        return $"not a known kind of weight file{(kind is null ? "" : $": it is {kind}")}; "
            + "safetensors, PyTorch (.pth, .pt) and Keras (.h5, .weights.h5, .keras) are read";
    }
}
