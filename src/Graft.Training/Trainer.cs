using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Pipeline;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// Trains an image classifier by transfer learning: a pretrained network (the body, or backbone) gets a new head for
/// the classes of the images. A run prepares features, fits a linear probe, fine-tunes, chooses the better model and
/// releases it.
/// </summary>
public static partial class Trainer
{
    internal static TrainingResult Train(
        ImageReader images,
        string runFolder,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        options.Validate();
        // a resumed run may begin in another working folder
        string? earlier = options.ContinueFrom is null ? null : Path.GetFullPath(options.ContinueFrom);
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        using RunStart start = RunStart.Create(
            images,
            runFolder,
            options with
            {
                ContinueFrom = earlier,
            },
            progress,
            time,
            cancel
        );
        return Run(start, time, cancel);
    }

    internal static TrainingResult Resume(
        string runFolder,
        ImageReader? images,
        ResumeOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        options.Validate();
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        using RunStart start = RunStart.Open(runFolder, images, options, progress, time);
        return Run(start, time, cancel);
    }

    // One run, from its images to its evaluated model.
    private static TrainingResult Run(RunStart start, TimeProvider time, CancellationToken cancel) =>
        TrainingTelemetry.Run(
            start.Run.Folder,
            start.Body.Body.Card.Name,
            () => RunPhases(start, time, cancel),
            result => result.Evaluation.Accuracy
        );

    private static TrainingResult RunPhases(RunStart start, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            using PreparedRun prepared = PreparedRun.Prepare(start, time, cancel);
            SearchedProbes probes = Probe(prepared, cancel);
            ModelCandidate? tuned = FineTune(prepared, probes, cancel);
            CandidateSelection selection = Choose(prepared, probes.Probes.Best, tuned, cancel);
            return Release(prepared, selection, cancel);
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw start.Run.MemoryRanOut(error);
        }
    }

    // Fits the linear probes, searches the head on their features, and reports what they say about the data.
    private static SearchedProbes Probe(PreparedRun prepared, CancellationToken cancel)
    {
        ValidationScheme validation = prepared.Validation;
        SearchedProbes probes = prepared.Clock.Run(
            "probe",
            $"logistic regression on the features, its penalty by cross-validation; judged by {validation.Description}",
            () => FitProbes(prepared, cancel),
            made => made.Summary
        );
        (TrainableBody body, TrainingData data) = (prepared.Body, prepared.Data);
        prepared.Data = DataExamination.Finish(body, data, prepared.Features, probes.Probes.Best, prepared.Run, cancel);
        ProcessMemory.Return(); // the examination has compared all images
        probes.Probes.Best.Trials.ToList().ForEach(table => prepared.Run.Report(table.Event));
        return probes;
    }

    private static SearchedProbes FitProbes(PreparedRun prepared, CancellationToken cancel)
    {
        TrainingOptions options = prepared.Options;
        Probes probes = ProbePhase.Run(
            prepared.Body,
            prepared.Features.All,
            prepared.Data,
            prepared.Validation,
            ProbePlans.Of(options),
            cancel,
            prepared.Checkpoints
        );
        HeadSearchResult? head = HeadSearchPhase.Run(
            probes,
            prepared.Data,
            FineTuningPlanBuilder.HeadSearchOf(options),
            prepared.Checkpoints,
            cancel
        );
        TrialTable[] fits = prepared.Fits is TrialTable table ? [table] : [];
        return new(probes.WithTrials([.. fits, .. head?.Tables ?? []]), head);
    }

    // Null where nothing is to be trained, or the run ends before there is anything to compare.
    private static ModelCandidate? FineTune(PreparedRun prepared, SearchedProbes probes, CancellationToken cancel)
    {
        TrainingOptions options = prepared.Options;
        if (!FineTuningPlanBuilder.IsNeeded(options))
        {
            return null;
        }

        FeatureView all = prepared.Features.All;
        FeatureView seen = options.Head.Pooling == Pooling.Auto ? all.AveragesOnly : all;
        FineTuningContext context = new(
            prepared.Body,
            seen,
            prepared.Data,
            prepared.Validation,
            FineTuningPlanBuilder.Of(options, probes.Head, prepared.Body, prepared.Data, seen.FeatureCount),
            prepared.Run,
            prepared.Clock
        )
        {
            Checkpoints = prepared.Checkpoints,
            Budget = prepared.Budget,
        };
        DepthPlan depth = prepared.Depth;
        SelectedSetting chosen =
            depth.Search is null || cancel.IsCancellationRequested || prepared.Budget.IsSpent
                ? new(depth.Usual, [])
                : new SettingTrials(context, depth.Search).Run(probes.Probes.Plain, cancel);
        IReadOnlyList<CutPoint> steps = depth.UnfreezingSteps(chosen.Setting?.Cut);
        return new FineTune(context, chosen, steps).Run(probes.Probes, cancel);
    }

    private static CandidateSelection Choose(
        PreparedRun prepared,
        ProbeCandidate probe,
        ModelCandidate? tuned,
        CancellationToken cancel
    )
    {
        bool isNeeded = FineTuningPlanBuilder.IsNeeded(prepared.Options);
        bool isOutOfTime = isNeeded && prepared.Budget.IsSpent;
        CandidateSelection selection = CandidateSelection.Between(
            probe,
            tuned,
            cancel.IsCancellationRequested ? "fine-tuning was cancelled"
                : isOutOfTime ? prepared.Budget.Reason
                : isNeeded && prepared.Depth.Usual is null ? "no layer of the body is to be trained"
                : "nothing else was asked for"
        );
        prepared.Run.Report(new Notice(selection.Reason));
        return selection;
    }

    // Exports the selected model, evaluates it on the test images, and writes the last files of the run.
    private static TrainingResult Release(PreparedRun prepared, CandidateSelection selection, CancellationToken cancel)
    {
        (TrainingRun run, TrainingData data) = (prepared.Run, prepared.Data);
        (TrainableBody body, ActivationCache? cache) = (prepared.Body, prepared.Cache);
        ReleasePlan plan = ReleasePlans.Of(prepared.Options);
        ExportedModel exported = prepared.Clock.Run(
            "export",
            run.ModelPath,
            () => ModelExport.Write(selection, body, prepared.Features.All, data, plan, cache, run),
            made => made.Summary
        );
        FinalEvaluation evaluation = prepared.Clock.Run(
            "evaluate",
            $"{data.Test.Count} test images, seen for the first time",
            () => FinalEvaluation.Of(exported, selection, body, data, plan, cache, run),
            made => made.Summary
        );
        TrainingResult result = evaluation.Finish(run, selection, prepared.Clock);
        if (!cancel.IsCancellationRequested)
        {
            run.DeleteCheckpoints();
        }

        return result;
    }
}
