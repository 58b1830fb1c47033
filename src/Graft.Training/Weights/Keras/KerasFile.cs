using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the weights of Keras files: `.h5` of Keras 1 and 2 (weights or a whole model), `.weights.h5` and `.keras` of
/// Keras 3. Tensors keep their shapes and names ("conv1/kernel:0"). <see cref="KerasKernels"/> brings kernels into
/// ONNX order when they are matched to a network. The state of an optimiser is skipped.
/// </summary>
internal static class KerasFile
{
    private const string WeightsEntry = "model.weights.h5";

    /// <summary>Reads a file.</summary>
    /// <exception cref="WeightFileException">
    /// The file is damaged, or Keras did not write it; names the place.
    /// </exception>
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
        Hdf5Group model = root.Has("model_weights") ? root.Group("model_weights") : root;
        Dictionary<string, string> metadata = Metadata(root.Header);
        if (model.Header.Attributes.ContainsKey("layer_names") || model.Header.Attributes.ContainsKey("layer_names0"))
        {
            return new WeightFile(file.Path, new Keras2Layout(model).Read(), metadata) { IsChannelsLast = true };
        }

        return new WeightFile(file.Path, new Keras3Layout(root, config).Read(), metadata) { IsChannelsLast = true };
    }

    private static Dictionary<string, string> Metadata(Hdf5Object root)
    {
        Dictionary<string, string> metadata = [];
        foreach (string name in (string[])["keras_version", "backend"])
        {
            if (root.Attributes.TryGetValue(name, out Hdf5Attribute? attribute) && attribute.Texts() is [string text])
            {
                metadata[name] = text;
            }
        }

        return metadata;
    }
}
