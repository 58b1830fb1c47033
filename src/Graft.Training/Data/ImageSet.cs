using System.Collections.Immutable;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>Labelled images and their classes. Immutable.</summary>
public sealed partial class ImageSet
{
    /// <summary>Default of the share of unusable images above which a run stops.</summary>
    internal const double RejectedLimit = 0.01;

    // the "name" in messages about a set that no folder holds
    private const string ObjectsSource = "images";

    private readonly ImageSetOptions options;

    private ImageSet(string source, ImageSetOptions options)
    {
        Source = source;
        this.options = options;
    }

    /// <summary>
    /// Folder or CSV file of the set, as it was given; "images" for a set of <see cref="LabelledImage"/> objects.
    /// </summary>
    public string Source { get; }

    /// <summary>
    /// The usable images, in ordinal order of <see cref="LabelledImage.Name"/>: the same on every machine.
    /// </summary>
    public ImmutableArray<LabelledImage> Images { get; private init; } = [];

    /// <summary>Encoding of the set's text files that are no UTF-8; null: such files are refused.</summary>
    internal string? Encoding => options.Data.Encoding;

    /// <summary>Names of the classes, in ordinal order. A class's index here is its output in the network.</summary>
    public ImmutableArray<string> Classes { get; private init; } = [];

    /// <summary>
    /// Whether each image has exactly one label, or any number. <see cref="ImageSetOptions.Task"/> decides it, or the
    /// data do.
    /// </summary>
    public ClassificationTask Task { get; private init; }

    /// <summary>Images that cannot be used, in ordinal order of their names.</summary>
    public ImmutableArray<RejectedImage> Rejected { get; private init; } = [];

    /// <summary>Relative paths of other files in the folder that are no images, in ordinal order.</summary>
    public ImmutableArray<string> NotImages { get; private init; } = [];

    /// <summary>Warnings for the user, one line each, safe to print.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    /// <summary>How the folder or list was understood, one line each, safe to print.</summary>
    public ImmutableArray<string> Notes { get; private init; } = [];

    /// <summary>
    /// Loads a folder of images: one subfolder per class, or train, val and test folders with one subfolder per class
    /// each. Reads and hashes every image; decodes none.
    /// </summary>
    /// <exception cref="GraftException">The folder does not exist, cannot be read, or has too few classes or
    /// images.</exception>
    /// <exception cref="OperationCanceledException">Loading was cancelled.</exception>
    public static ImageSet FromFolder(
        string folder,
        ImageSetOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(folder);
        ImageSet empty = new(folder, options ?? new());
        return Directory.Exists(folder)
            ? Load(folder, options, progress, cancel)
            : throw empty.Problem("there is no such folder; correct its name");
    }

    /// <summary>Creates a set of images from any source. Reads and hashes every image; decodes none.</summary>
    /// <param name="images">Images with unique names, in any order.</param>
    /// <exception cref="ArgumentException">Two images have the same name.</exception>
    /// <exception cref="GraftException">There are too few classes or usable images.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static async Task<ImageSet> CreateAsync(
        IEnumerable<LabelledImage> images,
        ImageSetOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ImageSet empty = new(ObjectsSource, options ?? new());
        LabelledImage[] listed = [.. images.OrderBy(image => image.Name, StringComparer.Ordinal)];
        RequireUniqueNames(listed);
        Examined[] examined = new Examined[listed.Length];
        ReadProgress reading = new(listed.Length, progress);
        int done = 0;
        await Parallel
            .ForEachAsync(Enumerable.Range(0, listed.Length), cancel, async (i, token) =>
            {
                examined[i] = await Examined.ReadAsync(listed[i], empty.options.Limits, token).ConfigureAwait(false);
                reading.Report(Interlocked.Increment(ref done));
            })
            .ConfigureAwait(false);
        return empty.With(examined, new ScannedSet([]));
    }

    /// <summary>
    /// Loads a folder as <see cref="FromFolder"/> does; a CSV file with the columns path, label and optionally split
    /// and group; an archive; or a list or table of another tool, such as COCO or Parquet. What it was taken for is in
    /// <see cref="Notes"/>.
    /// </summary>
    /// <inheritdoc cref="FromFolder"/>
    public static ImageSet Load(
        string folderOrCsv,
        ImageSetOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(folderOrCsv);
        ImageSet empty = new(folderOrCsv, options ?? new());
        ScannedSet scanned = SetSource.Scan(folderOrCsv, empty.options);
        return empty.With(Examine(scanned.Files, empty.options.Limits, progress, cancel), scanned);
    }

    /// <summary>
    /// Divides the images into train, validation and test. Parts that the data give are kept; the others are drawn
    /// class by class. Copies, near duplicates and groups stay together. Decodes every image once, at a small size,
    /// and leaves out the images that cannot be decoded.
    /// </summary>
    /// <exception cref="OptionsException">A share is out of its range.</exception>
    /// <exception cref="GraftException">A class has too few different images.</exception>
    /// <exception cref="OperationCanceledException">The split was cancelled.</exception>
    public ImageSplit Split(
        SplitOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        SplitOptions checkedOptions = options ?? new();
        checkedOptions.Validate();
        Inspection inspection = Inspection.Of(
            this,
            this.options.Limits,
            threads: 0,
            new ReadProgress(Images.Length, progress),
            cancel
        );
        return ImageSplit.Create(inspection.Set, checkedOptions) with { Inspection = inspection };
    }

    /// <inheritdoc cref="Split"/>
    public Task<ImageSplit> SplitAsync(
        SplitOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => System.Threading.Tasks.Task.Run(() => Split(options, progress, cancel), cancel);
}
