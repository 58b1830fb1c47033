using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Export;
using Graft.Training.Features;
using Graft.Training.Phases;
using Graft.Training.Runs;

namespace Graft.Training;

/// <summary>Trains a classifier from labelled images: the map of everything else. Read one image along: split, extract, probe, fine-tune, choose, export, evaluate.</summary>
public static class Trainer
{
    /// <param name="imagesPath">A folder with one subfolder a class, with train, val and test folders of such, or a CSV (path,label[,split]).</param>
    /// <param name="runFolder">Made if it does not exist; gets options.json, split.csv, log.jsonl, model.onnx and evaluation.json.</param>
    /// <param name="cancel">Ends the run early; from the probe on, the best model so far is exported and evaluated.</param>
    /// <exception cref="GraftException">The data, the body or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was a model.</exception>
    public static TrainingResult Train(
        string imagesPath, string runFolder, TrainingOptions? options = null, IProgress<TrainingEvent>? progress = null, CancellationToken cancel = default) =>
        Train(imagesPath, runFolder, options ?? new(), progress, TimeProvider.System, cancel);

    internal static TrainingResult Train(
        string imagesPath, string runFolder, TrainingOptions options, IProgress<TrainingEvent>? progress, TimeProvider time, CancellationToken cancel)
    {
        options.Validate();
        TorchSetup.UseThreads(options.Threads);
        TrainableBody body = TrainableBody.Load(options);
        IReadOnlyList<CutPoint> cuts = CutPoints.Of(body.Model, body.InputShape);
        CutPoint? cut = TrainableCut.Choose(body.Model, cuts, options, out string? otherCut);

        using TrainingRun run = TrainingRun.Create(runFolder, imagesPath, options, progress, time);
        run.Warn([.. body.Warnings, otherCut]);
        PhaseClock clock = new(run, time);
        TrainingData data = clock.Run("read", imagesPath, () => TrainingData.Read(imagesPath, options, run, cancel), read => read.Summary);

        int views = options.Views ?? Extraction.ViewsFor(data.Train.Count, cuts[^1].MultiplyAddsBefore);
        Extraction extraction = clock.Run("extract", $"{body.Card.Name} once for each of {1 + views} views of an image", () => Extraction.Run(body, cut, options.Head.Pooling, data, views, options, run, cancel), made => made.Summary);
        data = data.Without(extraction.Rejected, options, run);
        run.WriteSplit(data.Split);

        ProbeCandidate probe = clock.Run("probe", "logistic regression on the features, its penalty by cross-validation", () => ProbePhase.Run(body, extraction, data, options, cancel), made => made.Summary);
        Candidate? tuned = FineTune.IsAsked(options) ? new FineTune(body, cut, extraction, data, options, run, clock).Run(probe, cancel) : null;
        Choice choice = Choice.Between(probe, tuned);
        run.Report(new Notice(choice.Reason));

        ExportedModel exported = clock.Run("export", run.ModelPath, () => ModelExport.Write(choice, body, cut, data, options, run), made => made.Summary);
        RunEvaluation evaluation = clock.Run("evaluate", $"{data.Test.Count} test images, seen for the first time", () => RunEvaluation.Of(exported, choice, body, data, options, run), made => made.Summary);
        return evaluation.Finish(run, choice, clock);
    }
}
