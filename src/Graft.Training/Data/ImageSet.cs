using System.Collections.Immutable;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>Labelled images and their classes. Immutable.</summary>
public sealed class ImageSet
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

    /// <summary>Names of the classes, in ordinal order. A class's index here is its output in the network.</summary>
    public ImmutableArray<string> Classes { get; private init; } = [];

    /// <summary>Images that cannot be used, in ordinal order of their names.</summary>
    public ImmutableArray<RejectedImage> Rejected { get; private init; } = [];

    /// <summary>Relative paths of other files in the folder that are no images, in ordinal order.</summary>
    public ImmutableArray<string> NotImages { get; private init; } = [];

    /// <summary>Warnings for the user, one line each, safe to print.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

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
        return empty.With(examined, []);
    }

    /// <summary>
    /// Loads a folder as <see cref="FromFolder"/> does, or a CSV file with the columns path, label and optionally
    /// split.
    /// </summary>
    /// <inheritdoc cref="FromFolder"/>
    public static ImageSet Load(
        string folderOrCsv,
        ImageSetOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ImageSet empty = new(folderOrCsv, options ?? new());
        List<string> warnings = [];
        IReadOnlyList<ScannedFile> candidates;
        if (Directory.Exists(folderOrCsv))
        {
            candidates = FolderLayout.Label(FolderWalk.List(folderOrCsv, empty.options.Depth), folderOrCsv);
        }
        else if (File.Exists(folderOrCsv))
        {
            (candidates, int repeated) = CsvList.Read(folderOrCsv);
            if (repeated > 0)
            {
                warnings.Add(
                    $"'{Printable.Text(folderOrCsv)}' names an image twice in {repeated} "
                        + $"{(repeated == 1 ? "row" : "rows")}; each is used once"
                );
            }
        }
        else
        {
            throw empty.Problem("there is no such folder or CSV file; correct its name");
        }

        return empty.With(Examine(candidates, empty.options.Limits, progress, cancel), warnings);
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
    ) => Task.Run(() => Split(options, progress, cancel), cancel);

    /// <summary>
    /// The same set without images that turned out to be unusable. They are added to <see cref="Rejected"/>.
    /// </summary>
    /// <exception cref="GraftException">Too few classes or images are left.</exception>
    internal ImageSet Without(IReadOnlyCollection<RejectedImage> unusable)
    {
        HashSet<string> paths = [.. unusable.Select(image => image.Path)];
        ImageSet left = new(Source, options)
        {
            Images = [.. Images.Where(image => !paths.Contains(image.Name))],
            Classes = Classes,
            Rejected =
            [
                .. Rejected
                    .Concat(unusable)
                    .DistinctBy(image => image.Path)
                    .OrderBy(image => image.Path, StringComparer.Ordinal),
            ],
            NotImages = NotImages,
            Warnings = Warnings,
        };
        left.RequireEnough();
        return left;
    }

    /// <summary>The same set with other properties of its images, in the same order.</summary>
    internal ImageSet With(ImmutableArray<LabelledImage> images) =>
        new(Source, options)
        {
            Images = images,
            Classes = Classes,
            Rejected = Rejected,
            NotImages = NotImages,
            Warnings = Warnings,
        };

    /// <summary>
    /// Stops a run with too many unusable images: so many are a mistake, not an accident.
    /// </summary>
    /// <param name="limit">Largest share of unusable images, 0 to 1.</param>
    /// <exception cref="GraftException">More images are unusable. The message names the first.</exception>
    internal void RequireFewRejected(double limit = RejectedLimit)
    {
        int count = Images.Length + Rejected.Length;
        if (Rejected.Length > limit * count)
        {
            RejectedImage first = Rejected[0];
            throw Problem(
                $"{Rejected.Length} of {count} images are unusable, and {limit:0.##%} are the limit; "
                    + $"the first is '{Printable.Text(first.Path)}': {first.Reason}, or raise the limit"
            );
        }
    }

    private static Examined[] Examine(
        IReadOnlyList<ScannedFile> candidates,
        DecodeLimits limits,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        Examined[] examined = new Examined[candidates.Count];
        ReadProgress reading = new(candidates.Count, progress);
        int done = 0;
        _ = Parallel.For(0, candidates.Count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            examined[i] = Examined.Look(candidates[i], limits);
            reading.Report(Interlocked.Increment(ref done));
        });
        return examined;
    }

    private static void RequireUniqueNames(LabelledImage[] images)
    {
        for (int i = 1; i < images.Length; i++)
        {
            if (images[i].Name == images[i - 1].Name)
            {
                throw new ArgumentException(
                    $"'{Printable.Text(images[i].Name)}' names two images; give each image a name of its own",
                    nameof(images)
                );
            }
        }
    }

    private ImageSet With(Examined[] examined, List<string> warnings)
    {
        ImmutableArray<LabelledImage> images = ImageClusters.Assign([
            .. examined.Select(one => one.Image).OfType<LabelledImage>(),
        ]);
        ImageSet set = new(Source, options)
        {
            Images = images,
            Classes = [.. images.Select(image => image.Label).Distinct().Order(StringComparer.Ordinal)],
            Rejected = [.. examined.Select(one => one.Rejected).OfType<RejectedImage>()],
            NotImages = [.. examined.Select(one => one.NotAnImage).OfType<string>()],
            Warnings = [.. warnings, .. Contradictions(images)],
        };
        set.RequireEnough();
        return set;
    }

    private static IEnumerable<string> Contradictions(ImmutableArray<LabelledImage> images)
    {
        foreach (IGrouping<string, LabelledImage> copies in images.GroupBy(image => image.ContentHash))
        {
            LabelledImage first = copies.First();
            LabelledImage? other = copies.FirstOrDefault(copy => copy.Label != first.Label);
            if (other is not null)
            {
                yield return $"'{Printable.Text(first.Name)}' and '{Printable.Text(other.Name)}' are byte-identical "
                    + "and have different labels: one of the labels is wrong";
            }
        }
    }

    private void RequireEnough()
    {
        if (Images.IsEmpty)
        {
            string reason = Rejected.IsEmpty
                ? "there are no images in it; put each class's images into a folder of its name"
                : $"none of its {Rejected.Length} images is usable; "
                    + $"the first is '{Printable.Text(Rejected[0].Path)}': {Rejected[0].Reason}";
            throw Problem(reason);
        }

        if (Classes.Length < options.LeastClasses)
        {
            throw Problem(
                $"it has only one class, '{Printable.Text(Classes[0])}', and a classifier needs at least "
                    + $"{options.LeastClasses}; add images of another class"
            );
        }

        ILookup<string, LabelledImage> byClass = Images.ToLookup(image => image.Label);
        string? small = Classes.FirstOrDefault(name => byClass[name].Count() < options.LeastImages);
        if (small is not null)
        {
            throw Problem(
                $"the class '{Printable.Text(small)}' has {byClass[small].Count()} usable "
                    + $"{(byClass[small].Count() == 1 ? "image" : "images")}, and {options.LeastImages} are the least; "
                    + "add images or remove the class"
            );
        }
    }

    private GraftException Problem(string reason) => new($"'{Printable.Text(Source)}' cannot be used: {reason}");
}
