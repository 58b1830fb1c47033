using Graft.Prediction;
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

    /// <summary>Examines images alone, and fits probes that check the labels. Test images are included.</summary>
    /// <param name="body">The body.</param>
    /// <param name="data">The images with their inspection, all of them to train on.</param>
    /// <param name="extraction">The features of their plain views.</param>
    /// <param name="seed">Seed of the folds in which labels are checked.</param>
    /// <param name="progress">Receives warnings.</param>
    /// <param name="cancel">Stops the examination.</param>
    /// <exception cref="GraftException">No image is usable.</exception>
    public static ExaminedData Run(
        TrainableBody body,
        TrainingData data,
        ExtractedFeatures extraction,
        long seed,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        Inspection inspection = data.Inspection!;
        data = data.Without(extraction.Rejected, rejectedLimit: 1, progress);
        DataReport report = DataReportBuilder.Of(inspection, body.Preprocessing);
        report = DataReportBuilder.WithRejected(report, extraction, data);
        HashSet<string> hardlySeen = CropFindings.HardlySeen(report);
        bool seesNothing = data.Train.All(image => hardlySeen.Contains(image.Name));
        double[]? outOfFold = seesNothing ? null : OutOfFoldLogits(extraction.All, data, seed, cancel);
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

    // Null if a class has a single picture, which cannot be held out.
    private static double[]? OutOfFoldLogits(
        FeatureView features,
        TrainingData data,
        long seed,
        CancellationToken cancel
    )
    {
        // with several labels an image, the folds keep the only image of a label in training
        bool isMulti = data.Task == ClassificationTask.MultiLabel;
        bool canHoldOut = data
            .Set.Images.GroupBy(image => isMulti ? "" : image.Label)
            .All(images => images.Select(image => image.Cluster).Distinct().Count() > 1);
        if (!canHoldOut || (data.ClassCount < 2 && !isMulti))
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
