using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Metrics;

namespace Graft.Training.Data;

/// <summary>The images of a run, divided into parts, with class numbers.</summary>
internal sealed record TrainingData(ImageSet Set, ImageSplit Split)
{
    private readonly Dictionary<string, int> _numbers = Set
        .Classes.Select((name, number) => (name, number))
        .ToDictionary(c => c.name, c => c.number);

    /// <summary>
    /// The inspection before the split. Null after the data report has used it, to free its memory.
    /// </summary>
    public required Inspection? Inspection { get; init; }

    /// <summary>Compensation for classes of different sizes.</summary>
    public Balance Balance { get; init; }

    /// <summary>Whether each image has one label or any number.</summary>
    public ClassificationTask Task => Set.Task;

    public int ClassCount => Set.Classes.Length;

    public IReadOnlyList<LabelledImage> Train => Split.Train;

    public IReadOnlyList<LabelledImage> Validation => Split.Validation;

    public IReadOnlyList<LabelledImage> Test => Split.Test;

    /// <summary>Training and validation images.</summary>
    public IReadOnlyList<LabelledImage> Everything => [.. Split.Images.Where(image => image.Part != ImagePart.Test)];

    public string Summary =>
        $"{ClassCount} classes; {Train.Count} images to train, {Validation.Count} to validate, {Test.Count} to test"
        + (Set.Rejected.Length > 0 ? $"; {Set.Rejected.Length} unusable" : "");

    /// <summary>
    /// For each test image, true if a training or validation image shows the same picture. That happens only where the
    /// data give the parts, or where a class consists of near duplicates.
    /// </summary>
    public bool[] AreLeaked
    {
        get
        {
            HashSet<string> learnt = [.. Everything.Select(image => image.Cluster)];
            return [.. Test.Select(image => learnt.Contains(image.Cluster))];
        }
    }

    /// <summary>
    /// True if the data give a validation part; false if it was drawn from the training images.
    /// </summary>
    public bool HasOwnValidation => Set.Images.Any(image => image.Part == ImagePart.Validation);

    /// <summary>SHA-256 over content, label and part of every image. It does not depend on the names.</summary>
    public string Fingerprint =>
        FingerprintOf(Split.Images.Select(image => $"{image.ContentHash} {image.Part} {image.Label}"), Task);

    /// <summary>
    /// SHA-256 over name, content, label and part of every image in order. The position of a checkpoint within an epoch
    /// depends on them.
    /// </summary>
    public string OrderedFingerprint =>
        Run.Fingerprint.Of(
            Split
                .Images.Select(image => $"{image.Name}\n{image.ContentHash} {image.Part} {image.Label}")
                .Concat(TaskLines(Task))
        );

    /// <summary>The <see cref="Fingerprint"/> of lines of content, part and label in any order.</summary>
    public static string FingerprintOf(IEnumerable<string> lines, ClassificationTask task) =>
        Run.Fingerprint.OfLines(lines.Order(StringComparer.Ordinal).Concat(TaskLines(task)));

    // a set of single labels keeps the fingerprints that it had before there were others
    private static string[] TaskLines(ClassificationTask task) =>
        task == ClassificationTask.MultiLabel ? ["several labels an image"] : [];

    /// <summary>Loads a folder, list or archive, inspects and splits it.</summary>
    /// <param name="kept">Results of earlier inspections; null: every image is decoded.</param>
    /// <exception cref="GraftException">The images cannot be read or split.</exception>
    public static TrainingData Read(
        string path,
        DataPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        InspectionStore? kept = null
    )
    {
        return From(ImageSet.Load(path, ImageSetOptions.Of(plan), cancel: cancel), plan, progress, cancel, kept);
    }

    /// <summary>Inspects and splits a set.</summary>
    /// <inheritdoc cref="Read"/>
    public static TrainingData From(
        ImageSet set,
        DataPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        InspectionStore? kept = null
    )
    {
        set = set.As(plan.Task);
        set.RequireFewRejected(plan.RejectedLimit);
        Inspection inspection = Inspection.Of(set, plan, progress, cancel, kept);
        set = inspection.Set;
        set.RequireFewRejected(plan.RejectedLimit);
        return From(ImageSplit.Create(set, SplitOptions.Of(plan)), inspection, plan, progress);
    }

    /// <summary>Takes a split as it is. Inspects the images where they were not inspected before.</summary>
    /// <inheritdoc cref="Read"/>
    public static TrainingData From(
        ImageSplit split,
        DataPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        InspectionStore? kept = null
    )
    {
        Inspection inspection = (split.Inspection ?? Inspection.Of(split.Set, plan, progress, cancel, kept)).As(
            plan.Task
        );
        inspection.Set.RequireFewRejected(plan.RejectedLimit);
        return From(split.InspectedBy(inspection), inspection, plan, progress);
    }

    private static TrainingData From(
        ImageSplit split,
        Inspection inspection,
        DataPlan plan,
        IProgress<TrainingEvent> progress
    )
    {
        ImageSet set = inspection.Set;
        foreach (string note in set.Notes)
        {
            progress.Report(new Notice(note));
        }

        foreach (string warning in set.Warnings.Concat(split.Warnings))
        {
            progress.Report(new Notice(warning, IsWarning: true));
        }

        TrainingData data = new TrainingData(set, split) { Inspection = inspection }.Balanced(plan.Balance, progress);
        ReportRejected(set.Rejected, progress);
        return data;
    }

    /// <summary>The same data without images that turned out to be unusable.</summary>
    /// <exception cref="GraftException">More images are unusable than the limit allows, or too few are
    /// left.</exception>
    public TrainingData Without(
        IReadOnlyList<RejectedImage> rejected,
        double rejectedLimit,
        IProgress<TrainingEvent> progress
    )
    {
        if (rejected.Count == 0)
        {
            return this;
        }

        ImageSet set = Set.Without(rejected);
        set.RequireFewRejected(rejectedLimit);
        ReportRejected(rejected, progress);
        return this with { Set = set, Split = Split.Without(rejected) };
    }

    private TrainingData Balanced(Balance? asked, IProgress<TrainingEvent> progress)
    {
        if (Task == ClassificationTask.MultiLabel && asked is null)
        {
            return this with { Balance = Balance.None }; // weights cost the rare ones precision (docs/results.md)
        }

        TrueLabels targets = TargetsOf(Everything);
        (Balance kind, string? notice) = ClassBalance.Choose(
            asked,
            [.. Set.Classes.Select((name, number) => (name, targets.PositivesOf(number)))]
        );
        if (notice is not null)
        {
            progress.Report(new Notice(notice) { Option = nameof(TrainingOptions.Balance) });
        }

        return this with
        {
            Balance = kind,
        };
    }

    /// <summary>What is true of images, for either task.</summary>
    public TrueLabels TrueLabelsOf(IReadOnlyList<LabelledImage> images) =>
        Task == ClassificationTask.MultiLabel ? TargetsOf(images) : LabelsOf(images);

    /// <summary>Class number of each image, [N], where each has one label.</summary>
    public int[] LabelsOf(IReadOnlyList<LabelledImage> images) => [.. images.Select(image => _numbers[image.Label])];

    /// <summary>Which classes each image has, as sets; exactly one where each has one label.</summary>
    public TrueLabels TargetsOf(IReadOnlyList<LabelledImage> images) => LabelSets.Of(images, _numbers);

    private static void ReportRejected(IEnumerable<RejectedImage> rejected, IProgress<TrainingEvent> progress)
    {
        foreach (RejectedImage image in rejected)
        {
            progress.Report(new Notice($"'{Printable.Text(image.Path)}' is left out: {image.Reason}", IsWarning: true));
        }
    }
}
