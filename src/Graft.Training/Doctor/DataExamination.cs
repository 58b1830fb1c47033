using Graft.Imaging;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>Says what is wrong with a set of images, before and besides training. Changes nothing.</summary>
internal static class DataExamination
{
    private const int MostFolds = 5;

    /// <summary>
    /// graft doctor: looks at every image, extracts the plain view of all of them, test images included, and fits
    /// probes that judge the labels.
    /// </summary>
    /// <exception cref="GraftException">The images cannot be read at all, or are too few to say anything.</exception>
    public static ExaminedData Run(
        string path,
        TrainingOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        options.Validate();
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        using IDisposable threads = TorchSetup.ChangeThreads(options.Threads);
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        ImageSet set = ImageSet.Load(
            path,
            new()
            {
                Limits = options.Limits.Image,
                LeastClasses = 1,
                LeastImages = 1,
                Depth = options.Limits.FolderDepth,
            },
            cancel: cancel
        );
        return Run(body, set, options, progress, cancel);
    }

    /// <inheritdoc cref="Run(string, TrainingOptions, IProgress{TrainingEvent}, CancellationToken)"/>
    public static ExaminedData Run(
        ImageSet set,
        TrainingOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        options.Validate();
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        using IDisposable threads = TorchSetup.ChangeThreads(options.Threads);
        return Run(TrainableBodyLoader.Load(options.ToBodyPlan()), set, options, progress, cancel);
    }

    private static ExaminedData Run(
        TrainableBody body,
        ImageSet set,
        TrainingOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        using ActivationCache? cache = ActivationCache.Open(options.Cache, TimeProvider.System, warning =>
            progress.Report(new Notice(warning, IsWarning: true))
        );
        DataPlan plan = DataPlan.Of(options);
        Inspection inspection = Inspection.Of(set, plan, progress, cancel, InspectionCache.In(cache, plan.ImageLimits));
        DataReport report = Of(inspection, body.Preprocessing);

        TrainingData data = new(
            inspection.Set,
            ImageSplit.FromParts(
                inspection.Set,
                inspection.Set.Images.ToDictionary(image => image.Name, _ => ImagePart.Train)
            )
        )
        {
            Inspection = inspection,
        };
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            new()
            {
                Pooling = Pooling.Average,
                Engine = EngineSelection.Of(options.Engine, body.Model),
                Format = ActivationFormat.Single,
                Seed = options.Seed,
                Threads = options.ExtractionThreads,
                ImageLimits = options.Limits.Image,
            },
            data,
            cache,
            progress,
            cancel
        );
        data = data.Without(extraction.Rejected, rejectedLimit: 1, progress);
        report = report with
        {
            Findings = [.. report.Findings, .. FileFindings.Of(extraction.Rejected)],
            UsableCount = data.Set.Images.Length,
        };
        double[]? outOfFold =
            data.Set.Images.GroupBy(image => image.Label)
                .All(images => images.Select(image => image.Cluster).Distinct().Count() > 1)
            && data.ClassCount > 1
                ? ProbePhase
                    .Fit(
                        extraction.All,
                        data,
                        data.Train,
                        ValidationScheme.FoldsOf(data, data.Train, options.Seed, MostFolds),
                        cancel
                    )
                    .OutOfFold
                : null; // a class of one picture cannot be held out
        return new(data.Set, With(report, inspection, extraction.All, data.Set.Images, data, outOfFold, cancel));
    }

    /// <summary>What can be said without features.</summary>
    public static DataReport Of(Inspection inspection, Preprocessing recipe)
    {
        ImageSet set = inspection.Set;
        return new()
        {
            ImageCount = set.Images.Length + set.Rejected.Length,
            UsableCount = set.Images.Length,
            Classes =
            [
                .. set.Classes.Select(name => new ClassSize(name, set.Images.Count(image => image.Label == name))),
            ],
            HashThreshold = Math.Round(inspection.Threshold, 4),
            Findings =
            [
                .. FileFindings.Of(set.Rejected),
                .. FileFindings.Of(inspection, Math.Min(recipe.Width, recipe.Height)),
                .. DuplicateFindings.Of(inspection),
                .. ClassFindings.Of(inspection),
            ],
        };
    }

    /// <summary>
    /// What features and probes add. In a training: of the training and validation images alone, the others are not
    /// seen before the end.
    /// </summary>
    /// <param name="images">Those that have features and that the probe was fitted on, in that order.</param>
    /// <param name="outOfFold">[N x views, C] logits, of all views or of the plain ones; null where no probe could be
    /// fitted.</param>
    public static DataReport With(
        DataReport report,
        Inspection inspection,
        FeatureView extraction,
        IReadOnlyList<LabelledImage> images,
        TrainingData data,
        double[]? outOfFold,
        CancellationToken cancel
    )
    {
        FeatureMatrix features = extraction.Rows([.. images.Select(image => extraction.FirstRows[image.Name])]);
        (IReadOnlyList<Finding> pairs, double? threshold) = DuplicateFindings.OfFeatures(
            inspection,
            images,
            features,
            cancel
        );
        IReadOnlyList<LabelOpinion> labels = outOfFold is null
            ? []
            : LabelFindings.Opinions(images, data.Set.Classes, outOfFold);
        return report with
        {
            Findings =
            [
                .. report.Findings.Concat(pairs).Concat(LabelFindings.Of(labels)).OrderBy(finding => finding.Kind),
            ],
            FeatureThreshold = threshold,
            Labels = labels,
        };
    }

    /// <summary>
    /// In a training, after the probe: completes the report, writes doctor.json and tells the short table.
    /// </summary>
    /// <returns>The data without their inspection, which nobody needs after this.</returns>
    public static TrainingData Finish(
        TrainableBody body,
        TrainingData data,
        ExtractedFeatures extraction,
        ProbeCandidate probe,
        TrainingRun run,
        CancellationToken cancel
    )
    {
        Inspection inspection = data.Inspection!;
        // what the shipped probe saw
        IReadOnlyList<LabelledImage> fitted = data.HasOwnValidation ? data.Train : data.Everything;
        DataReport report = With(
            Of(inspection, body.Preprocessing),
            inspection,
            extraction.All.Plain,
            fitted,
            data,
            probe.Shipped.OutOfFold,
            cancel
        );
        report = report with
        {
            Findings = [.. report.Findings, .. FileFindings.Of(extraction.Rejected)],
            UsableCount = data.Set.Images.Length,
        };
        run.Write("doctor.json", report.ToJson());
        foreach (FindingSummary summary in report.Summarize())
        {
            run.Report(
                new Notice(
                    $"{summary.Name, -18} {summary.Count, 5}  {summary.Examples}",
                    IsWarning: summary.Severity != Severity.Note
                )
            );
        }

        return data with
        {
            Inspection = null,
        };
    }
}

/// <summary>A set, without what cannot be used, and what was found in it.</summary>
internal sealed record ExaminedData(ImageSet Set, DataReport Report);
