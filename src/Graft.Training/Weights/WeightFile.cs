using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>What a weight file holds, whatever its format.</summary>
/// <param name="Path">The file, as it was given; used in messages only.</param>
/// <param name="Tensors">By name, in the file's order.</param>
/// <param name="Metadata">The file's own remarks about itself; empty where the format has none.</param>
internal sealed record WeightFile(
    string Path,
    IReadOnlyDictionary<string, WeightTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    /// <summary>Kernels are height, width, in, out (Keras); otherwise out, in, height, width (PyTorch, ONNX).</summary>
    public bool IsChannelsLast { get; init; }

    /// <summary>For formats that carry no remarks.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    /// <summary>
    /// Reads safetensors, PyTorch (zip and legacy) and Keras (.h5, .weights.h5, .keras) files; which one it is, its
    /// first bytes say, not its name.
    /// </summary>
    /// <exception cref="WeightFileException">None of these, damaged, or holding something else than
    /// weights.</exception>
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

        throw file.Refuse(
            "the beginning",
            "not a weight file of a known kind: safetensors, PyTorch (.pth, .pt) and Keras (.h5, .weights.h5, .keras) are read"
        );
    }
}
