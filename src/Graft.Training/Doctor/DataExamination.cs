using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>Examines a set of images, alone or during a training. Changes nothing.</summary>
internal static class DataExamination
{
    private const int MaxFolds = 5;

    /// <summary>
    /// Inspects all images of a folder or list, extracts the features of their plain views, and fits probes that check
    /// the labels. Test images are included.
    /// </summary>
    /// <param name="path">A folder, list or archive.</param>
    /// <param name="plan">How the set is examined.</param>
    /// <param name="progress">Receives the events.</param>
    /// <param name="cancel">Stops the examination.</param>
    /// <exception cref="GraftException">The images or the body cannot be read.</exception>
    public static ExaminedData Run(
        string path,
        DoctorPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    ) => Run(() => Load(path, plan.Data, cancel), plan, progress, cancel);

    /// <inheritdoc cref="Run(string, DoctorPlan, IProgress{TrainingEvent}, CancellationToken)"/>
    /// <param name="set">The images.</param>
    public static ExaminedData Run(
        ImageSet set,
        DoctorPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    ) => Run(() => set, plan, progress, cancel);

    private static ExaminedData Run(
        Func<ImageSet> load,
        DoctorPlan plan,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        using IDisposable memory = ProcessMemory.Apply(plan.MemoryPolicy);
        using IDisposable threads = TorchSetup.ChangeThreads(plan.Threads);
        TrainableBody body = TrainableBodyLoader.Load(plan.Body);
        Array.ForEach([.. body.Warnings], progress.Report);
        ImageSet set = load();
        Array.ForEach([.. set.Notes], note => progress.Report(new Notice(note)));
        Array.ForEach([.. set.Warnings], warning => progress.Report(new Notice(warning, IsWarning: true)));
        using ActivationCache? cache = ActivationCache.Open(plan.Cache, TimeProvider.System, warning =>
            progress.Report(new Notice(warning, IsWarning: true))
        );
        InspectionStore? inspections = InspectionCache.In(cache, plan.Data.ImageLimits);
        Inspection inspection = Inspection.Of(set, plan.Data, progress, cancel, inspections);
        TrainingData data = AllForTraining(inspection);
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            PlainViews(body, plan),
            data,
            cache,
            progress,
            cancel
        );
        data = data.Without(extraction.Rejected, rejectedLimit: 1, progress);
        DataReport report = DataReportBuilder.Of(inspection, body.Preprocessing);
        report = DataReportBuilder.WithRejected(report, extraction, data);
        HashSet<string> hardlySeen = CropFindings.HardlySeen(report);
        bool seesNothing = data.Train.All(image => hardlySeen.Contains(image.Name));
        double[]? outOfFold = seesNothing ? null : OutOfFoldLogits(extraction.All, data, plan.Seed, cancel);
        report = DataReportBuilder.WithFeatures(
            report,
            inspection,
            extraction.All,
            data.Set.Images,
            data,
            outOfFold,
            hardlySeen,
            cancel
        );
        return new(data.Set, report);
    }

    private static ImageSet Load(string path, DataPlan plan, CancellationToken cancel) =>
        ImageSet.Load(
            path,
            new()
            {
                Limits = plan.ImageLimits,
                LeastClasses = 1,
                LeastImages = 1,
                Depth = plan.FolderDepth,
                Data = plan.Reading,
            },
            cancel: cancel
        );

    private static TrainingData AllForTraining(Inspection inspection)
    {
        Dictionary<string, ImagePart> parts = inspection.Set.Images.ToDictionary(
            image => image.Name,
            _ => ImagePart.Train
        );
        return new(inspection.Set, ImageSplit.FromParts(inspection.Set, parts)) { Inspection = inspection };
    }

    private static ExtractionPlan PlainViews(TrainableBody body, DoctorPlan plan) =>
        new()
        {
            Pooling = Pooling.Average,
            Engine = EngineSelection.Of(null, body.Model, plan.Cache),
            Format = ActivationFormat.Single,
            Seed = plan.Seed,
            Threads = plan.Data.Threads,
            ImageLimits = plan.Data.ImageLimits,
        };

    // Null if a class has a single picture, which cannot be held out.
    private static double[]? OutOfFoldLogits(
        FeatureView features,
        TrainingData data,
        long seed,
        CancellationToken cancel
    )
    {
        bool canHoldOut = data
            .Set.Images.GroupBy(image => image.Label)
            .All(images => images.Select(image => image.Cluster).Distinct().Count() > 1);
        if (!canHoldOut || data.ClassCount < 2)
        {
            return null;
        }

        int[] folds = ValidationScheme.FoldsOf(data, data.Train, seed, MaxFolds);
        return ProbeFits.Fit(features, data, data.Train, folds, cancel).OutOfFoldLogits;
    }

    /// <summary>
    /// Examines the images of a training after its probe, writes doctor.json and reports one line for each kind of
    /// finding.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="data">The images with their inspection.</param>
    /// <param name="extraction">The features.</param>
    /// <param name="probe">The fitted probe.</param>
    /// <param name="run">The run that receives the report.</param>
    /// <param name="cancel">Stops the examination.</param>
    /// <returns>The data without their inspection, whose memory is no longer needed.</returns>
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
        // the images that the shipped probe was fitted on
        IReadOnlyList<LabelledImage> fitted = data.HasOwnValidation ? data.Train : data.Everything;
        DataReport report = DataReportBuilder.Of(inspection, body.Preprocessing);
        report = DataReportBuilder.WithFeatures(
            report,
            inspection,
            extraction.All.AveragesOnly,
            fitted,
            data,
            probe.FinalFit.OutOfFoldLogits,
            CropFindings.HardlySeen(report),
            cancel
        );
        report = DataReportBuilder.WithRejected(report, extraction, data);
        run.Write("doctor.json", report.ToJson());
        foreach (FindingSummary summary in report.Summarize())
        {
            run.Report(
                new Notice(
                    $"{summary.Name,-18} {summary.Count,5}  {summary.Examples}",
                    IsWarning: summary.Severity != Severity.Note
                )
            );
        }

        if (CropFindings.Warning(report) is string warning)
        {
            run.Report(new Notice(warning, IsWarning: true));
        }

        return data with
        {
            Inspection = null,
        };
    }
}

/// <summary>A set that was examined.</summary>
/// <param name="Set">The usable images.</param>
/// <param name="Report">What was found.</param>
internal sealed record ExaminedData(ImageSet Set, DataReport Report);
