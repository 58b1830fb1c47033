using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>
/// The outputs of the frozen part for the training and validation images, computed in one pass. Owns the network that
/// computes rows which are not kept.
/// </summary>
internal sealed class ExtractedFeatures : IDisposable
{
    private readonly ViewExtractor _extractor;
    private readonly ViewIndex _index;
    private readonly IReadOnlyList<ActivationStore> _stores;

    private ExtractedFeatures(
        FeatureView all,
        ViewExtractor extractor,
        ViewIndex index,
        IReadOnlyList<ActivationStore> stores,
        Engine engine,
        string machine
    )
    {
        (All, _extractor, _index, _stores) = (all, extractor, index, stores);
        (Engine, Machine) = (engine, machine);
    }

    /// <summary>All views and columns. Usable until this object is disposed.</summary>
    public FeatureView All { get; }

    /// <summary>Images that could not be decoded.</summary>
    public IReadOnlyList<RejectedImage> Rejected { get; private set; } = [];

    /// <summary>The parts of the keys that the rows of each edge share, in hexadecimal.</summary>
    public IReadOnlyList<string> Streams => [.. _stores.Select(store => Convert.ToHexStringLower(store.Stream))];

    /// <summary>What computes the rows.</summary>
    public Engine Engine { get; }

    /// <summary>Library and processor in the keys of the rows.</summary>
    public string Machine { get; }

    /// <summary>One line for the user.</summary>
    public string Summary =>
        $"{All.Features.Length:N0} features an image"
        + string.Concat(All.Cuts.Values.Select(rows => $"; activations of {string.Join(" x ", rows.Shape)} kept"));

    /// <summary>Extracts views of the images of <paramref name="data"/>.</summary>
    /// <inheritdoc cref="Create(TrainableBody, ExtractionPlan, TrainingData, ActivationCache?)"/>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancel">Stops the extraction. Rows in the cache remain.</param>
    /// <param name="views">The views; null: all of them.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public static ExtractedFeatures Extract(
        TrainableBody body,
        ExtractionPlan plan,
        TrainingData data,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        ViewRange? views = null
    )
    {
        ExtractedFeatures made = Create(body, plan, data, cache);
        try
        {
            made.Extract(views ?? ViewRange.All, progress, cancel);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Prepares the extraction. No row is computed yet.</summary>
    /// <param name="body">The network whose frozen part runs.</param>
    /// <param name="plan">Which rows to compute, and how.</param>
    /// <param name="data">The images, with their parts.</param>
    /// <param name="cache">Keeps rows between runs; null: rows are kept in memory.</param>
    public static ExtractedFeatures Create(
        TrainableBody body,
        ExtractionPlan plan,
        TrainingData data,
        ActivationCache? cache
    ) => Create(body, plan, data.Split.Images, data.HasOwnValidation, cache);

    /// <summary>Prepares the extraction of some images.</summary>
    /// <param name="body">The network whose frozen part runs.</param>
    /// <param name="plan">Which rows to compute, and how.</param>
    /// <param name="images">The images, each with its part.</param>
    /// <param name="hasOwnValidation">True where the data name the validation images.</param>
    /// <param name="cache">Keeps rows between runs; null: rows are kept in memory.</param>
    public static ExtractedFeatures Create(
        TrainableBody body,
        ExtractionPlan plan,
        IReadOnlyList<LabelledImage> images,
        bool hasOwnValidation,
        ActivationCache? cache
    )
    {
        FrozenPrefix prefix = FrozenPrefix.Of(body, plan.Cuts, plan.Pooling);
        Engine engine = EngineSelection.For(prefix.Network, plan.Engine);
        Preprocessor preprocessor = new(body.Preprocessing, plan.ImageLimits);
        if (engine == Engine.Int8)
        {
            prefix = prefix with { Network = Int8Of(prefix.Network, body, images, preprocessor, cache) };
        }

        (ViewIndex index, Dictionary<string, int> firstRows) = IndexOf(images, hasOwnValidation, plan);
        ViewExtractor extractor = new(
            MakerOf(engine, prefix.Network, body),
            preprocessor,
            plan.Seed,
            plan.Threads,
            cache,
            isTorch: engine == Engine.Torch
        );
        ActivationStores stores = ActivationStores.Of(body, plan, prefix, index, extractor, engine, cache);
        FeatureView all = new(
            stores,
            firstRows,
            prefix.Layout,
            plan.Pooling,
            1 + plan.RandomViews,
            plan.FreshViews,
            cache
        );
        return new(
            all,
            extractor,
            index,
            stores.InOrder(plan.Cuts),
            engine,
            plan.Machine ?? EngineSelection.Fingerprint(engine)
        );
    }

    /// <summary>Computes the rows of some views that are not kept yet. Rejected images are left out.</summary>
    /// <param name="views">The views. The plain view includes a check that test images can be decoded.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancel">Stops the extraction. Rows in the cache remain.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public void Extract(ViewRange views, IProgress<TrainingEvent> progress, CancellationToken cancel)
    {
        HashSet<string> before = [.. Rejected.Select(image => image.Path)];
        ViewWork work = new(_index.Items.Where(item => !before.Contains(item.Image.Name)), views, _stores);
        Rejected =
        [
            .. Rejected
                .Concat(_extractor.Run(work, progress, cancel))
                .OrderBy(image => image.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>Number of images with a row that is not kept yet.</summary>
    public int CountMissing()
    {
        ViewWork work = new(_index.Items, ViewRange.All, _stores);
        return work.Items.Count(item => work.Missing(item).Length > 0);
    }

    /// <summary>Disposes the network. Rows that are not kept can no longer be read.</summary>
    public void Dispose() => _extractor.Dispose();

    private static OnnxModel Int8Of(
        OnnxModel network,
        TrainableBody body,
        IReadOnlyList<LabelledImage> images,
        Preprocessor preprocessor,
        ActivationCache? cache
    )
    {
        LabelledImage[] training = [.. images.Where(image => image.Part == ImagePart.Train)];
        return Int8Prefix.Of(network, body.Card.Name, training, preprocessor, cache);
    }

    // A method of its own: a lambda in Extract would keep all that its other lambdas use, the network's bytes among it.
    private static Func<IFrozenNetwork> MakerOf(Engine engine, OnnxModel network, TrainableBody body)
    {
        (string name, int height, int width) = (body.Card.Name, body.Preprocessing.Height, body.Preprocessing.Width);
        return () =>
            engine == Engine.Torch
                ? new TorchFrozenNetwork(network, height, width)
                : new OnnxFrozenNetwork(network.ToBytes(), name, height, width);
    }

    // A validation image that was drawn from the training images may become one, and has their views.
    private static (ViewIndex Index, Dictionary<string, int> FirstRows) IndexOf(
        IReadOnlyList<LabelledImage> images,
        bool hasOwnValidation,
        ExtractionPlan plan
    )
    {
        List<ExtractionItem> items = [];
        Dictionary<string, int> firstRows = [];
        int rows = 0;
        foreach (LabelledImage image in images)
        {
            bool isTrained = image.Part == ImagePart.Train || (image.Part == ImagePart.Validation && !hasOwnValidation);
            int kept =
                isTrained ? 1 + plan.RandomViews
                : image.Part == ImagePart.Test ? plan.TestViews
                : 1;
            int count = isTrained ? kept + plan.FreshViews : kept;
            items.Add(new(image, rows, count, kept));
            firstRows[image.Name] = rows;
            rows = checked(rows + count);
        }

        return (new(items), firstRows);
    }
}
