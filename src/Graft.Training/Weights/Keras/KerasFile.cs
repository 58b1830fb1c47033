using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>
/// Reads Keras's weights in all their layouts: `.h5` of Keras 1 and 2 (weights alone, or a whole model), `.weights.h5`
/// and `.keras` of Keras 3.
/// Tensors keep their shapes and names ("conv1/kernel:0"); <see cref="KerasKernels"/> turns kernels into ONNX order
/// when they are matched to a network.
/// An optimiser's state beside the weights is left out.
/// </summary>
internal static class KerasFile
{
    private const string WeightsEntry = "model.weights.h5";

    /// <exception cref="WeightFileException">Damaged, or not written by Keras; names the place.</exception>
    public static WeightFile Read(string path)
    {
        using WeightBytes file = WeightBytes.Open(path);
        return Read(file);
    }

    internal static bool IsKerasArchive(ZipEntries zip) => zip.Find(WeightsEntry) is not null;

    internal static WeightFile Read(WeightBytes file)
    {
        Span<byte> start = stackalloc byte[8];
        start = start[..file.ReadSome(0, start, "the beginning")];
        MemoryBudget budget = new(file);
        return ZipEntries.IsZip(start)
            ? ReadArchive(file, new ZipEntries(file), budget)
            : ReadHdf5(file, budget, config: null);
    }

    internal static WeightFile ReadArchive(WeightBytes file, ZipEntries zip, MemoryBudget budget)
    {
        ZipEntry weights = zip.Find(WeightsEntry)
            ?? throw file.Refuse("the zip directory", $"has no '{WeightsEntry}'; not a Keras file");
        KerasConfig? config = zip.Find("config.json") is { } entry
            ? KerasConfig.Parse(file, zip.Read(entry, budget).Span)
            : null;
        WeightBytes inner = new(file.Path, zip.Read(weights, budget));
        return ReadHdf5(inner, budget, config);
    }

    private static WeightFile ReadHdf5(WeightBytes file, MemoryBudget budget, KerasConfig? config)
    {
        Hdf5Group root = new(new Hdf5File(file, budget).Root);
        Hdf5Group old = root.Has("model_weights") ? root.Group("model_weights") : root;
        Dictionary<string, string> metadata = Remarks(root.Header);
        if (old.Header.Attributes.ContainsKey("layer_names") || old.Header.Attributes.ContainsKey("layer_names0"))
        {
            return new WeightFile(file.Path, new Keras2Layout(old).Read(), metadata) { IsChannelsLast = true };
        }

        return new WeightFile(file.Path, new Keras3Layout(root, config).Read(), metadata) { IsChannelsLast = true };
    }

    private static Dictionary<string, string> Remarks(Hdf5Object root)
    {
        Dictionary<string, string> remarks = [];
        foreach (string name in (string[])["keras_version", "backend"])
        {
            if (root.Attributes.TryGetValue(name, out Hdf5Attribute? attribute) && attribute.Texts() is [string text])
            {
                remarks[name] = text;
            }
        }

        return remarks;
    }
}
