using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>Makes a body of a catalogue entry and a weight file.</summary>
internal static class BodyLoader
{
    /// <summary>The body with the weights that are part of Graft.</summary>
    /// <param name="size">The side of its square input, pixels; null: as it was pretrained.</param>
    /// <exception cref="GraftException">No weights are embedded for it.</exception>
    public static Body FromResource(BodyEntry entry, int? size = null)
    {
        KnownWeights weights = entry.Weights.FirstOrDefault(w => w.Resource is not null)
            ?? throw new GraftException(
                $"'{entry.Name}' cannot be loaded: its weights are not on this machine; {Ways(entry)}"
            );
        using Stream stream = typeof(BodyLoader).Assembly.GetManifestResourceStream(weights.Resource!)
            ?? throw new InvalidOperationException(
                $"'{weights.Resource}' cannot be found among the embedded resources"
            );
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return hash == weights.Sha256
            ? Make(entry, SafetensorsFile.Read(weights.Resource!, bytes), hash, preprocessing: null, size)
            : throw new GraftException(
                $"'{weights.Resource}' cannot be used: the embedded file has the SHA-256 {hash}, not {weights.Sha256}; install Graft again"
            );
    }

    /// <summary>The body with the weights of a file of any format that <see cref="WeightFile"/> reads.</summary>
    /// <param name="preprocessing">The user's word on how the weights were trained; null: what the catalogue
    /// knows.</param>
    /// <param name="size">The side of its square input, pixels; null: as the weights were trained.</param>
    public static Body FromFile(BodyEntry entry, string path, Preprocessing? preprocessing, int? size = null)
    {
        Task<string> hash = Task.Run(() => Hash(path)); // VGG16 has 528 MB: hashing takes as long as reading
        WeightFile file = WeightFile.Read(path);
        return Make(entry, file, hash.GetAwaiter().GetResult(), preprocessing, size);
    }

    /// <summary>Builds the network for the weights' image size and their classes, and fills it.</summary>
    /// <exception cref="WeightFileException">Names or shapes do not fit; lists them.</exception>
    public static Body Make(
        BodyEntry entry,
        WeightFile file,
        string sha256,
        Preprocessing? preprocessing,
        int? size = null
    )
    {
        KnownWeights? known = entry.Recognise(sha256);
        bool isKeras = file.IsChannelsLast;
        Preprocessing usual = KerasNormalisation.Apply(
            file,
            isKeras ? entry.KerasPreprocessing ?? entry.Preprocessing : entry.Preprocessing
        );
        Preprocessing recipe = preprocessing ?? known?.Preprocessing ?? usual;
        recipe = size is int side ? recipe.ForSize(side) : recipe;

        BuiltNetwork Build(int classCount) =>
            entry.Architecture.Build(recipe.Width, recipe.Height, classCount, isKeras);
        BuiltNetwork bare = Build(classCount: 0);
        BuiltNetwork full = Build(Architecture.ImageNetClassCount);
        file = WeightNames.Rename(file, Shapes(full));
        TensorProto[] classifier = [.. full.Parameters.Skip(bare.Parameters.Count)];
        bool hasClassifier = classifier.Any(p => file.Tensors.ContainsKey(p.Name));
        BuiltNetwork network =
            !hasClassifier ? bare
            : ClassCount(file, classifier) is int other ? Build(other)
            : full;

        BodyWeights.Fill(network.Parameters, WeightMatch.Of(file, Shapes(network)).Tensors);
        BodyDescription card = new(entry.Name, recipe, known?.Licence, known?.Origin, sha256);
        return new Body(network.Model, network.FeatureEdge, hasClassifier, card);
    }

    // A network that was fine-tuned before has as many classes as its last layer has outputs; null where that is no
    // count at all.
    private static int? ClassCount(WeightFile file, TensorProto[] classifier)
    {
        string last = classifier.Last(p => p.Dims.Count > 1).Name;
        bool isMatrix = file.Tensors.TryGetValue(last, out WeightTensor? weight) && weight.Shape.Count > 1;
        long count = isMatrix ? weight!.Shape[file.IsChannelsLast ? ^1 : 0] : 0;
        return count is > 0 and <= int.MaxValue ? (int)count : null;
    }

    private static string Ways(BodyEntry entry) =>
        (BodyPull.Source(entry) is null ? "" : $"fetch them with `graft bodies pull {entry.Name}`, ")
        + $"add a file with `graft bodies add {entry.Name} FILE`, or name one with --weights";

    private static Dictionary<string, IReadOnlyList<long>> Shapes(BuiltNetwork network) =>
        network.Parameters.ToDictionary(p => p.Name, p => (IReadOnlyList<long>)p.Dims);

    /// <summary>The SHA-256 of a file, lower-case hexadecimal.</summary>
    public static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
