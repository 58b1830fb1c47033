using System.Buffers;
using Graft.Onnx;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>
/// Some columns and views of the extracted rows: what a probe or a head reads. Owns nothing;
/// <see cref="ExtractedFeatures"/> must outlive it.
/// </summary>
/// <param name="Features">The body's output as vectors, float32.</param>
/// <param name="Cuts">The activations at the cuts, by edge. Empty where only the head is trained.</param>
/// <param name="Flat">The last map value by value, plain views only; null where heads do not flatten it.</param>
/// <param name="FirstRows">Row of each image's view 0, by path.</param>
/// <param name="Layout">The groups of columns in <paramref name="Features"/>.</param>
/// <param name="Columns">The columns that are used.</param>
/// <param name="Views">
/// Kept views of a training image, the plain one included. An image from a validation part that the data give has only
/// its plain view.
/// </param>
/// <param name="FreshViews">
/// Further views that training may use, one for each epoch. They are computed on demand.
/// </param>
/// <param name="Cache">Keeps results between runs; null: nothing is kept.</param>
internal sealed record FeatureView(
    ActivationStore Features,
    IReadOnlyDictionary<string, ActivationStore> Cuts,
    ActivationStore? Flat,
    IReadOnlyDictionary<string, int> FirstRows,
    FeatureLayout Layout,
    FeatureColumns Columns,
    int Views,
    int FreshViews,
    ActivationCache? Cache
)
{
    private const int RowsAtOnce = 256;

    /// <summary>All columns and views of an extraction.</summary>
    public FeatureView(
        ActivationStores stores,
        IReadOnlyDictionary<string, int> firstRows,
        FeatureLayout layout,
        Pooling pooling,
        int views,
        int freshViews,
        ActivationCache? cache
    )
        : this(
            stores.Features,
            stores.Cuts,
            stores.Flat,
            firstRows,
            layout,
            layout.ColumnsOf(pooling) ?? layout.All,
            views,
            freshViews,
            cache
        )
    { }

    /// <summary>Number of columns that are used.</summary>
    public int FeatureCount => Columns.Count;

    /// <summary>This view with only the averages of the last map.</summary>
    public FeatureView AveragesOnly => this with { Columns = Layout.ColumnsOf(Pooling.Average)! };

    /// <summary>This view with only the plain view of each image.</summary>
    public FeatureView PlainViewOnly => this with { Views = 1, FreshViews = 0 };

    /// <summary>The used features as batches.</summary>
    public IActivationSource FeatureMatrix =>
        FeatureCount == Features.Length ? Features : new SelectedColumns(Features, Columns);

    /// <summary>The poolings that the rows contain, by rising number of features.</summary>
    public IReadOnlyList<Pooling> Poolings =>
        [
            .. Enum.GetValues<Pooling>()
                .Where(pooling => pooling == Pooling.Flatten ? Flat is not null : Layout.ColumnsOf(pooling) is not null)
                .OrderBy(pooling => As(pooling).FeatureCount),
        ];

    /// <summary>
    /// This view with one of its <see cref="Poolings"/>. Flattened maps are large and exist only for the plain view.
    /// </summary>
    public FeatureView As(Pooling pooling) =>
        pooling == Pooling.Flatten
            ? PlainViewOnly with
            {
                Features = Flat!,
                Layout = FeatureLayout.Of(Flat!.Length),
                Columns = new([(0, Flat.Length)]),
            }
            : this with
            {
                Columns = Layout.ColumnsOf(pooling)!,
            };

    /// <summary>The activations at one of the cuts.</summary>
    public ActivationStore At(CutPoint cut) => Cuts[cut.Edge];

    /// <summary>The used features of some rows, one row after the other, in memory.</summary>
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
        )
        {
            Groups = Columns.Groups,
        };

    /// <summary>The rows of some images, for training (all views) or scoring (the plain view).</summary>
    public LabelledActivations Rows(IActivationSource source, TrainingData data, IReadOnlyList<LabelledImage> images) =>
        new(source, [.. images.Select(image => FirstRows[image.Name])], data.TrueLabelsOf(images), Views)
        {
            Balance = data.Balance,
            FreshViews = FreshViews,
        };

    // A row can only be read whole, so a few rows at a time.
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
}
