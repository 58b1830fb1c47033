using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>Builds a body from a catalogue entry and a weight file.</summary>
internal static class BodyLoader
{
    /// <summary>Builds a body with the weights that came with Graft: embedded, or beside the program.</summary>
    /// <param name="entry">The network's entry in the catalogue.</param>
    /// <param name="size">Side of the square input in pixels; null uses the size of the pretraining.</param>
    /// <exception cref="MissingWeightsException">No weights of the entry came with Graft.</exception>
    /// <exception cref="GraftException">The file is not the one that was packed.</exception>
    public static Body FromGraft(BodyEntry entry, int? size = null) =>
        entry.Weights.FirstOrDefault(w => w.Resource is not null) is { } embedded ? FromResource(entry, embedded, size)
        : entry.PackagedWeights is { Packaged: { IsHere: true } packaged } weights
            ? FromPackage(entry, weights, packaged, size)
        : throw MissingWeightsException.OfLoading(entry);

    private static Body FromPackage(BodyEntry entry, KnownWeights weights, PackagedFile packaged, int? size)
    {
        byte[] bytes = ReadPackaged(packaged);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return hash == weights.Sha256
            ? Make(entry, SafetensorsFile.Read(packaged.Path, bytes), hash, preprocessing: null, size)
            : throw new GraftException(
                $"'{Printable.Text(packaged.Path)}' cannot be used: its SHA-256 is {hash}, not {weights.Sha256}; "
                    + $"restore the package {packaged.Package} again"
            );
    }

    private static byte[] ReadPackaged(PackagedFile packaged)
    {
        try
        {
            return File.ReadAllBytes(packaged.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(packaged.Path)}' cannot be used: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + $"restore the package {packaged.Package} again",
                error
            );
        }
    }

    private static Body FromResource(BodyEntry entry, KnownWeights weights, int? size)
    {
        using Stream stream = typeof(BodyLoader).Assembly.GetManifestResourceStream(weights.Resource!)
            ?? throw new InvalidOperationException($"the embedded resource '{weights.Resource}' is missing");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return hash == weights.Sha256
            ? Make(entry, SafetensorsFile.Read(weights.Resource!, bytes), hash, preprocessing: null, size)
            : throw new GraftException(
                $"'{weights.Resource}' cannot be used: the embedded file has the SHA-256 {hash}, "
                    + $"not {weights.Sha256}; install Graft again"
            );
    }

    /// <summary>Builds a body with the weights of a file, in any format that <see cref="WeightFile"/> reads.</summary>
    /// <param name="entry">The network's entry in the catalogue.</param>
    /// <param name="path">The weight file.</param>
    /// <param name="preprocessing">
    /// How images were prepared in pretraining; null uses the catalogue's knowledge.
    /// </param>
    /// <param name="size">Side of the square input in pixels; null uses the size of the pretraining.</param>
    /// <exception cref="WeightFileException">The file is damaged, or its tensors do not fit the network.</exception>
    public static Body FromFile(BodyEntry entry, string path, Preprocessing? preprocessing, int? size = null)
    {
        Task<string> hash = Task.Run(() => Hash(path)); // hashing VGG16's 528 MB takes as long as reading them
        WeightFile file = WeightFile.Read(path);
        return Make(entry, file, hash.GetAwaiter().GetResult(), preprocessing, size);
    }

    /// <summary>
    /// Builds the network for the input size and the number of classes of the weights, and fills in the weights.
    /// </summary>
    /// <exception cref="WeightFileException">Names or shapes do not fit; the message lists them.</exception>
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
        Preprocessing used = preprocessing ?? known?.Preprocessing ?? UsualPreprocessing(entry, file);
        used = size is int side ? used.ForSize(side) : used;

        Architecture architecture = entry.Architecture;
        BuiltNetwork Build(int classCount) => architecture.Build(used.Width, used.Height, classCount, isKeras);
        BuiltNetwork bare = Build(classCount: 0);
        BuiltNetwork full = Build(Architecture.ImageNetClassCount);
        file = WithPositions(WeightNames.Rename(file, Shapes(full)), full, architecture, used);
        TensorProto[] classifier = [.. full.Parameters.Skip(bare.Parameters.Count)];
        bool hasClassifier = classifier.Any(p => file.Tensors.ContainsKey(p.Name));
        KerasHead? head = hasClassifier ? null : KerasHead.In(file, ChannelsOf(bare));
        if (head is not null)
        {
            (hasClassifier, file) = (true, head.Rename(file));
            architecture = architecture with { Classifier = head.Build };
        }

        BuiltNetwork network =
            !hasClassifier ? bare
            : head is not null ? Build(head.ClassCount)
            : ClassCount(file, classifier) is int classCount ? Build(classCount)
            : full;

        BodyWeights.Fill(network.Parameters, WeightMatch.Of(file, Shapes(network)).Tensors);
        BodyDescription card = new(entry.Name, used, known?.Licence, known?.Origin, sha256);
        return new Body(network.Model, network.FeatureEdge, hasClassifier, card) { Kind = network.Kind };
    }

    // A transformer's weights hold the position of each patch, for the grid of their pretraining.
    private static WeightFile WithPositions(
        WeightFile file,
        BuiltNetwork network,
        Architecture architecture,
        Preprocessing input
    ) =>
        architecture.PatchSide is int side
            ? PositionEmbedding.Fit(file, Shapes(network), input.Height / side, input.Width / side)
            : file;

    private static int ChannelsOf(BuiltNetwork bare) =>
        (int)bare.Model.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;

    /// <summary>The SHA-256 of a file in lower-case hexadecimal.</summary>
    public static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static Preprocessing UsualPreprocessing(BodyEntry entry, WeightFile file) =>
        KerasNormalisation.Apply(
            file,
            file.IsChannelsLast ? entry.KerasPreprocessing ?? entry.Preprocessing : entry.Preprocessing
        );

    // Weights that were fine-tuned have their own number of classes: the outputs of the last layer. Null where the
    // last layer's shape tells no number.
    private static int? ClassCount(WeightFile file, TensorProto[] classifier)
    {
        string last = classifier.Last(p => p.Dims.Count > 1).Name;
        bool isMatrix = file.Tensors.TryGetValue(last, out WeightTensor? weight) && weight.Shape.Count > 1;
        long count = isMatrix ? weight!.Shape[file.IsChannelsLast ? ^1 : 0] : 0;
        return count is > 0 and <= int.MaxValue ? (int)count : null;
    }

    private static Dictionary<string, IReadOnlyList<long>> Shapes(BuiltNetwork network) =>
        network.Parameters.ToDictionary(p => p.Name, p => (IReadOnlyList<long>)p.Dims);
}
