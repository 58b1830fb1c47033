using System.Collections.Immutable;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training;

/// <content>How a set is put together from files that were read, and taken apart again.</content>
public sealed partial class ImageSet
{
    /// <summary>
    /// The same set without images that turned out to be unusable. They are added to <see cref="Rejected"/>.
    /// </summary>
    /// <exception cref="GraftException">Too few classes or images are left.</exception>
    internal ImageSet Without(IReadOnlyCollection<RejectedImage> unusable)
    {
        HashSet<string> paths = [.. unusable.Select(image => image.Path)];
        ImageSet left = Like(
            [.. Images.Where(image => !paths.Contains(image.Name))],
            [
                .. Rejected
                    .Concat(unusable)
                    .DistinctBy(image => image.Path)
                    .OrderBy(image => image.Path, StringComparer.Ordinal),
            ]
        );
        left.RequireEnough();
        return left;
    }

    /// <summary>The same set with other properties of its images, in the same order.</summary>
    internal ImageSet With(ImmutableArray<LabelledImage> images) => Like(images, Rejected);

    /// <summary>The same set for a task; null: as it is.</summary>
    /// <exception cref="GraftException">One label an image is asked for, and an image has not exactly one.</exception>
    internal ImageSet As(ClassificationTask? asked)
    {
        if (asked is null || asked == Task)
        {
            return this;
        }

        (ClassificationTask task, string? note) = LabelTask.Of(Images, asked, Source);
        return new(Source, options)
        {
            Images = Images,
            Classes = Classes,
            Task = task,
            Rejected = Rejected,
            NotImages = NotImages,
            Warnings = Warnings,
            Notes = note is null ? Notes : [.. Notes, note],
        };
    }

    private ImageSet Like(ImmutableArray<LabelledImage> images, ImmutableArray<RejectedImage> rejected) =>
        new(Source, options)
        {
            Images = images,
            Classes = Classes,
            Task = Task,
            Rejected = rejected,
            NotImages = NotImages,
            Warnings = Warnings,
            Notes = Notes,
        };

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

    private ImageSet With(Examined[] examined, ScannedSet scanned)
    {
        IReadOnlyList<EmptyClass> empty = EmptyClass.Find(scanned.ClassFolders, examined);
        LabelledImage[] usable = [.. examined.Select(one => one.Image).OfType<LabelledImage>()];
        (LabelledImage[] grouped, string? grouping) = Grouping.Apply(
            usable,
            options.Data,
            scanned.ClassFolders,
            Source
        );
        (ImmutableArray<LabelledImage> images, string[] unified) = ClassNames.Unify(
            grouped,
            areObjects: scanned.Files.Count == 0
        );
        string[] notImages = [.. examined.Select(one => one.NotAnImage).OfType<string>()];
        HashSet<string> classes = [.. images.SelectMany(image => image.Labels)];
        (ClassificationTask task, string? severalLabels) = LabelTask.Of(images, options.Task, Source);
        bool IsSkipped(Examined one) =>
            options.Data.SkipEmptyClasses && one.Label is not null && !classes.Contains(UnicodeForm.Compose(one.Label));
        ImageSet set = new(Source, options)
        {
            Images = ImageClusters.Assign(images),
            Classes = [.. classes.Order(StringComparer.Ordinal)],
            Task = task,
            Rejected = [.. examined.Where(one => !IsSkipped(one)).Select(one => one.Rejected).OfType<RejectedImage>()],
            NotImages = [.. notImages],
            Notes =
            [
                .. scanned.Notes,
                .. unified,
                .. severalLabels is null ? Array.Empty<string>() : [severalLabels],
                .. grouping is null ? Array.Empty<string>() : [grouping],
                .. notImages.Length == 0 ? Array.Empty<string>() : [NotRead(notImages)],
            ],
        };
        return set.Checked(empty, scanned.Warnings);
    }

    private bool IsClass(string label) => Classes.Contains(UnicodeForm.Compose(label));

    private static string NotRead(string[] files) =>
        $"{files.Length:N0} other {(files.Length == 1 ? "file is" : "files are")} not read: {Extensions.Count(files)}";

    private ImageSet Checked(IReadOnlyList<EmptyClass> empty, IReadOnlyList<string> warnings)
    {
        if (!Images.IsEmpty)
        {
            RequireDifferentNames();
            RequireFilled(empty);
        }

        RequireEnough();
        return new(Source, options)
        {
            Images = Images,
            Classes = Classes,
            Task = Task,
            Rejected = Rejected,
            NotImages = NotImages,
            Notes = Notes,
            Warnings =
            [
                .. warnings,
                .. empty.Select(one =>
                    one.Name
                    + (IsClass(one.Label) ? " gives no image to its class" : " gives no image and is left out")
                    + $": {one.Reason}"
                ),
                .. ClassNames
                    .Twins(Classes)
                    .Select(twins =>
                        $"the classes {ClassNames.Both(twins.First, twins.Second)} are spelt alike: "
                        + "give them one name if they are one class"
                    ),
                .. Contradictions(Images),
            ],
        };
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
}
