using System.Numerics.Tensors;
using Graft.Training;

namespace Graft.Studio;

/// <summary>The features of a set's images: centred, and scaled to length 1. Immutable.</summary>
internal sealed class SetFeatures
{
    private readonly float[] _values; // [N,F]
    private readonly Dictionary<int, int> _rows;

    private SetFeatures(float[] values, int width, IReadOnlyList<int> images)
    {
        (_values, Width, Images) = (values, width, images);
        _rows = Enumerable.Range(0, images.Count).ToDictionary(row => images[row]);
    }

    /// <summary>Number of the image of each row. Images that cannot be decoded have no row.</summary>
    public IReadOnlyList<int> Images { get; }

    /// <summary>Number of features.</summary>
    public int Width { get; }

    /// <summary>Number of images in the set when they were computed.</summary>
    public required int ImageCount { get; init; }

    /// <summary>Computes the features of all images of a set, or takes them from the cache.</summary>
    /// <exception cref="GraftException">Too few images can be decoded.</exception>
    public static async Task<SetFeatures> ExtractAsync(
        SetSnapshot snapshot,
        StudioOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        ImageSet images = await snapshot.WholeSetAsync(options, cancel).ConfigureAwait(false);
        TrainingOptions training = options.Training;
        using FeatureExtractor extractor = FeatureExtractor.Create(
            training.Body,
            new()
            {
                Cache = training.Cache,
                Limits = training.Limits,
                Threads = training.Threads,
            }
        );
        FeatureTable table = await extractor.ExtractAsync(images, progress, cancel).ConfigureAwait(false);
        Dictionary<string, int> numbers = Enumerable
            .Range(0, snapshot.Images.Count)
            .ToDictionary(i => snapshot.Images[i].Image.Name, StringComparer.Ordinal);
        return new(Directions(table), table.FeatureCount, [.. table.Names.Select(name => numbers[name])])
        {
            ImageCount = snapshot.Images.Count,
        };
    }

    /// <summary>The features of a row.</summary>
    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Width, Width);

    /// <summary>The row of an image.</summary>
    /// <exception cref="NotFoundException">It has none.</exception>
    public int RowOf(int image) =>
        _rows.TryGetValue(image, out int row)
            ? row
            : throw new NotFoundException("This picture has no features: it cannot be decoded.");

    /// <summary>The images that look most like one, that one first.</summary>
    /// <param name="image">Number of the image.</param>
    /// <param name="count">Most images.</param>
    /// <exception cref="NotFoundException">It has no features.</exception>
    public IReadOnlyList<SimilarImage> Similar(int image, int count)
    {
        int own = RowOf(image);
        float[] similarities = new float[Images.Count];
        Parallel.For(0, similarities.Length, row => similarities[row] = TensorPrimitives.Dot(Row(own), Row(row)));
        similarities[own] = float.PositiveInfinity; // before its copies
        return
        [
            .. Enumerable
                .Range(0, similarities.Length)
                .OrderByDescending(row => similarities[row])
                .Take(count)
                .Select(row => new SimilarImage(Images[row], row == own ? 1 : similarities[row])),
        ];
    }

    // Centred, so that what all images share does not make them alike.
    private static float[] Directions(FeatureTable table)
    {
        int width = table.FeatureCount;
        float[] values = table.Values.ToArray();
        float[] mean = new float[width];
        for (int row = 0; row < table.Count; row++)
        {
            TensorPrimitives.Add(mean, table.Row(row), mean);
        }

        TensorPrimitives.Divide(mean, Math.Max(1, table.Count), mean);
        for (int row = 0; row < table.Count; row++)
        {
            Span<float> one = values.AsSpan(row * width, width);
            TensorPrimitives.Subtract(one, mean, one);
            TensorPrimitives.Divide(one, Math.Max(TensorPrimitives.Norm<float>(one), float.Epsilon), one);
        }

        return values;
    }
}

/// <summary>An image that looks like another.</summary>
/// <param name="Image">Its number.</param>
/// <param name="Similarity">Cosine of the angle between the centred features, −1 to 1.</param>
internal sealed record SimilarImage(int Image, double Similarity);
