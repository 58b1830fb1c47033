using System.Buffers;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.FineTuning;

namespace Graft.Training.Extraction;

/// <summary>What the frozen part of the network gives for the training and validation images, in one pass.</summary>
/// <param name="Features">The body's output as vectors, float32.</param>
/// <param name="Cuts">The activations at the cuts, by edge; none where the head alone is trained.</param>
/// <param name="FirstRows">By image path: the row of its view 0.</param>
/// <param name="Views">Rows a training image: the plain view and the random ones; likewise a validation image that was
/// drawn out of them. One that the data give has the plain view alone.</param>
/// <param name="FreshViews">Views beyond these that training may ask for, one an epoch: computed each time.</param>
/// <param name="Extractor">Computes rows that are not kept, as long as this is not disposed.</param>
/// <param name="Cache">Where rows are kept between runs; null: nowhere.</param>
internal sealed record ExtractedFeatures(
    ActivationStore Features,
    IReadOnlyDictionary<string, ActivationStore> Cuts,
    IReadOnlyDictionary<string, int> FirstRows,
    int Views,
    int FreshViews,
    IReadOnlyList<RejectedImage> Rejected,
    FeatureExtractor Extractor,
    ActivationCache? Cache
) : IDisposable
{
    private const int RowsAtOnce = 256;

    /// <summary>What each row's columns are.</summary>
    public FeatureLayout Layout { get; init; } = new(Features.Length, 0, 0);

    /// <summary>Those that are used.</summary>
    public FeatureColumns Columns { get; init; } = new([(0, Features.Length)]);

    /// <summary>
    /// The last map value by value, of plain views alone; null where the body's maps are not for flattening.
    /// </summary>
    public ActivationStore? Flat { get; init; }

    /// <summary>How many of each row's features are used.</summary>
    public int FeatureCount => Columns.Count;

    /// <summary>This with the averages of the last map alone; where there are none beside them, as it is.</summary>
    public ExtractedFeatures Plain => this with { Columns = Layout.ColumnsOf(Pooling.Average)! };

    /// <summary>The plain view of each image alone.</summary>
    public ExtractedFeatures OneView => this with { Views = 1, FreshViews = 0 };

    /// <summary>The used features as batches.</summary>
    public IActivationSource FeatureMatrix =>
        FeatureCount == Features.Length ? Features : new SelectedColumns(Features, Columns);

    /// <summary>The poolings that the rows hold, the one of the fewest features first.</summary>
    public IReadOnlyList<Pooling> Poolings =>
        [
            .. Enum.GetValues<Pooling>()
                .Where(pooling => pooling == Pooling.Flatten ? Flat is not null : Layout.ColumnsOf(pooling) is not null)
                .OrderBy(pooling => As(pooling).FeatureCount),
        ];

    /// <summary>
    /// This as one of <see cref="Poolings"/>; flattened maps, which are large, are there in the plain view alone.
    /// </summary>
    public ExtractedFeatures As(Pooling pooling) =>
        pooling == Pooling.Flatten
            ? OneView with
            {
                Features = Flat!,
                Layout = new(Flat!.Length, 0, 0),
                Columns = new([(0, Flat.Length)]),
            }
            : this with
            {
                Columns = Layout.ColumnsOf(pooling)!,
            };

    public string Summary =>
        $"{Features.Length:N0} features an image"
        + string.Concat(Cuts.Values.Select(rows => $"; activations of {string.Join(" x ", rows.Shape)} kept"));

    /// <summary>The activations at one of the cuts.</summary>
    public ActivationStore At(CutPoint cut) => Cuts[cut.Edge];

    /// <param name="cuts">The edges where the trained part may begin; none: the head alone is trained.</param>
    /// <param name="views">Random views a training image.</param>
    /// <param name="cache">Null: nothing is kept after the run.</param>
    /// <param name="testRows">Rows a test image: 0, they are only decoded, to know that they can be; 1 where Graft's
    /// own defaults are measured (bench).</param>
    public static ExtractedFeatures Run(
        TrainableBody body,
        IReadOnlyList<CutPoint> cuts,
        Pooling pooling,
        TrainingData data,
        int views,
        TrainingOptions options,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        int testRows = 0
    )
    {
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Seam, pooling);
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            pooled,
            [HeadBuilder.Features, body.Seam.Edge],
            1,
            body.InputShape
        );
        long[] features = shapes[HeadBuilder.Features][1..];
        int? flat = pooling == Pooling.Auto ? FlatMap.LengthOf(body, shapes[body.Seam.Edge]) : null;
        string[] edges =
        [
            HeadBuilder.Features,
            .. cuts.Select(cut => cut.Edge),
            .. flat is null ? [] : (string[])[body.Seam.Edge],
        ];
        OnnxModel network = Normalisation.Prepend(GraphEdit.Prefix(pooled, edges), body.Preprocessing);
        byte[] prefix = network.ToBytes();
        Engine engine = EngineSelection.For(network, EngineSelection.Of(options, body.Model));

        int fresh = options.FreshViews ? FineTuningPlans.MostEpochsOf(options, data.Train.Count) : 0;
        (ViewIndex table, Dictionary<string, int> firstRows) = Table(data, views, fresh, testRows);
        Preprocessor preprocessor = new(body.Preprocessing, options.Limits.Image);
        ActivationStore Store(
            string edge,
            IReadOnlyList<long> shape,
            ActivationFormat format,
            int parts = 1,
            int keptViews = int.MaxValue
        ) =>
            new(
                shape,
                format,
                table,
                CacheKey.OfStream(EngineSelection.Fingerprint(engine), preprocessor, prefix, edge, format),
                new(body.Card.Name, edge, $"{string.Join(" x ", shape)}, {format}"),
                options.Seed,
                cache,
                ActivationStore.MemoryBudget / parts,
                keptViews
            )
            {
                DecodedType = FineTuningPlans.ComputeTypeOf(options),
            };

        List<ActivationStore> stores = [Store(edges[0], features, ActivationFormat.Single)];
        Dictionary<string, ActivationStore> ofCuts = cuts.ToDictionary(
            cut => cut.Edge,
            cut => Store(cut.Edge, cut.Shape, ActivationFormats.Of(options, body.Model), parts: cuts.Count)
        );
        ActivationStore? ofMap = flat is int length
            ? Store(body.Seam.Edge, [length], ActivationFormat.Single, keptViews: 1)
            : null;
        stores.AddRange([.. cuts.Select(cut => ofCuts[cut.Edge]), .. ofMap is null ? [] : (ActivationStore[])[ofMap]]);
        FeatureExtractor extractor = new(
            MakerOf(engine, network, body),
            preprocessor,
            options.Seed,
            options.ExtractionThreads,
            cache,
            isTorch: engine == Engine.Torch
        );
        IReadOnlyList<RejectedImage> rejected = extractor.Run(table, stores, progress, cancel);
        return new(stores[0], ofCuts, firstRows, 1 + views, fresh, rejected, extractor, cache)
        {
            Flat = ofMap,
            Layout = LayoutOf(body.Seam, pooling, stores[0].Length, (int)shapes[body.Seam.Edge][1]),
        };
    }

    // A method of its own: a lambda in Run would hold what Run's others do, the network's bytes among it, for as long
    // as rows may be missing.
    private static Func<IFrozenNetwork> MakerOf(Engine engine, OnnxModel network, TrainableBody body)
    {
        (string name, int height, int width) = (body.Card.Name, body.Preprocessing.Height, body.Preprocessing.Width);
        return () =>
            engine == Engine.Torch
                ? new TorchFrozenNetwork(network, height, width)
                : new OnnxFrozenNetwork(network.ToBytes(), name, height, width);
    }

    private static FeatureLayout LayoutOf(FeatureSeam seam, Pooling pooling, int length, int channels)
    {
        if (seam.Kind == FeatureKind.Vector || pooling == Pooling.Flatten)
        {
            return new(length, 0, 0);
        }

        int largest = pooling is Pooling.Auto or Pooling.AverageAndMax ? channels : 0;
        return new(channels, length - channels - largest, largest);
    }

    /// <summary>The used features of some rows, one after the other, all in memory.</summary>
    public float[] Gather(int[] rows)
    {
        float[] used = GC.AllocateUninitializedArray<float>(checked(rows.Length * FeatureCount));
        Read(rows, used);
        return used;
    }

    /// <summary>The used features of some rows, read in blocks.</summary>
    public FeatureMatrix Rows(int[] rows) =>
        new(rows.Length, FeatureCount, (first, values) =>
            Read(rows.AsSpan(first, values.Length / FeatureCount), values)
        );

    // Some at a time: a row is read whole.
    private void Read(ReadOnlySpan<int> rows, Span<float> used)
    {
        if (FeatureCount == Features.Length)
        {
            Features.Gather(rows, used);
            return;
        }

        float[] whole = ArrayPool<float>.Shared.Rent(RowsAtOnce * Features.Length);
        for (int from = 0; from < rows.Length; from += RowsAtOnce)
        {
            ReadOnlySpan<int> some = rows.Slice(from, Math.Min(RowsAtOnce, rows.Length - from));
            Features.Gather(some, whole.AsSpan(0, some.Length * Features.Length));
            for (int n = 0; n < some.Length; n++)
            {
                Columns.Copy(
                    whole.AsSpan(n * Features.Length, Features.Length),
                    used.Slice((from + n) * FeatureCount, FeatureCount)
                );
            }
        }

        ArrayPool<float>.Shared.Return(whole);
    }

    public void Dispose() => Extractor.Dispose();

    private static (ViewIndex Table, Dictionary<string, int> FirstRows) Table(
        TrainingData data,
        int views,
        int fresh,
        int testRows
    )
    {
        List<ExtractionItem> items = [];
        Dictionary<string, int> firstRows = [];
        int rows = 0;
        foreach (LabelledImage image in data.Split.Images)
        {
            bool isTrained =
                image.Part == ImagePart.Train || (image.Part == ImagePart.Validation && !data.HasOwnValidation);
            int kept =
                isTrained ? 1 + views
                : image.Part == ImagePart.Test ? testRows
                : 1;
            int count = isTrained ? kept + fresh : kept;
            items.Add(new(image, rows, count, kept));
            firstRows[image.Path] = rows;
            rows = checked(rows + count);
        }

        return (new(items), firstRows);
    }

    /// <summary>Rows of some images, for training (all views) or judging (the plain view).</summary>
    public LabelledActivations Rows(IActivationSource source, TrainingData data, IReadOnlyList<LabelledImage> images) =>
        new(source, [.. images.Select(image => FirstRows[image.Path])], data.LabelsOf(images), Views)
        {
            Balance = data.Balance,
            FreshViews = FreshViews,
        };
}
