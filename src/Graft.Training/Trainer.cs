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
        DividedTraining.RequireNone(options);
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
            BestModel best = new(prepared);
            ProbeCandidate? first = FirstAnswer(prepared, best, cancel);
            SearchedProbes? probes = Probe(prepared, first, cancel);
            if (probes is not null && FineTuningPlanBuilder.IsNeeded(prepared.Options))
            {
                best.Offer(probes.Probes.Best);
            }

            ModelCandidate? tuned = probes is null ? null : FineTune(prepared, probes, cancel);
            CandidateSelection selection = Choose(prepared, probes?.Probes.Best ?? first!, tuned, cancel);
            return Release(prepared, best, selection, cancel);
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw start.Run.MemoryRanOut(error);
        }
    }

    // A probe of the plain views, which is written at once. Null where the run has nothing else to do.
    private static ProbeCandidate? FirstAnswer(PreparedRun prepared, BestModel best, CancellationToken cancel)
    {
        if (!prepared.GoesBeyondPlainViews)
        {
            return null;
        }

        ProbeCandidate probe = prepared.Clock.Run(
            PhaseNames.FirstAnswer,
            $"a probe of the plain views; judged by {prepared.Validation.Description}",
            () =>
                ProbePhase.FirstAnswer(
                    prepared.Body,
                    prepared.Features.All,
                    prepared.Data,
                    prepared.Validation,
                    ProbePlans.Of(prepared.Options),
                    cancel,
                    prepared.Checkpoints
                ),
            made => made.Summary
        );
        best.Offer(probe);
        return probe;
    }

    // Extracts the random views, fits the linear probes, and reports what they say about the data. Null where the run
    // was cancelled, or its time was spent, before there was more than the first answer.
    private static SearchedProbes? Probe(PreparedRun prepared, ProbeCandidate? first, CancellationToken cancel)
    {
        using BudgetCancellation limited = prepared.LimitByBudget(cancel);
        try
        {
            prepared.ExtractRandomViews(first is null ? cancel : limited.Token);
            SearchedProbes probes = FitProbes(prepared, first is null ? cancel : limited.Token);
            Examine(prepared, probes.Probes.Best);
            return probes;
        }
        catch (OperationCanceledException) when (first is not null)
        {
            Examine(prepared, first);
            return null;
        }
    }

    private static SearchedProbes FitProbes(PreparedRun prepared, CancellationToken cancel) =>
        prepared.Clock.Run(
            PhaseNames.Probe,
            "logistic regression on the features, its penalty by cross-validation; "
                + $"judged by {prepared.Validation.Description}",
            () => SearchProbes(prepared, cancel),
            made => made.Summary
        );

    private static void Examine(PreparedRun prepared, ProbeCandidate probe)
    {
        prepared.Data = DataExamination.Finish(
            prepared.Body,
            prepared.Data,
            prepared.Features,
            probe,
            prepared.Run,
            CancellationToken.None
        );
        ProcessMemory.Return(); // the examination has compared all images
        if (PoorProbe.Of(prepared.Body, prepared.Data.Task, probe) is Notice hint)
        {
            prepared.Run.Report(hint);
        }

        probe.Trials.ToList().ForEach(table => prepared.Run.Report(table.Event));
    }

    // Fits the linear probes, and searches the head on their features.
    private static SearchedProbes SearchProbes(PreparedRun prepared, CancellationToken cancel)
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
        return new(probes.WithTrials([.. prepared.InputTrials, .. head?.Tables ?? []]), head);
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
        bool isOutOfTime = prepared.GoesBeyondPlainViews && prepared.Budget.IsSpent;
        string? cut =
            cancel.IsCancellationRequested ? "training was cancelled"
            : isOutOfTime ? prepared.Budget.Reason
            : null;
        string untuned =
            isNeeded && prepared.Depth.Usual is null
                ? "no layer of the body is to be trained"
                : "only the probe was asked for";
        CandidateSelection selection = CandidateSelection.Between(probe, tuned, cut ?? untuned, cut);
        prepared.Run.Report(new Notice(selection.Reason));
        return selection;
    }

    // Exports the selected model, evaluates it on the test images, and writes the last files of the run.
    private static TrainingResult Release(
        PreparedRun prepared,
        BestModel best,
        CandidateSelection selection,
        CancellationToken cancel
    )
    {
        (TrainingRun run, TrainingData data) = (prepared.Run, prepared.Data);
        (TrainableBody body, ActivationCache? cache) = (prepared.Body, prepared.Cache);
        ReleasePlan plan = ReleasePlans.Of(prepared.Options);
        ExportedModel exported = best.Write(selection);
        FinalEvaluation evaluation = prepared.Clock.Run(
            PhaseNames.Evaluation,
            $"{data.Test.Count} test images, seen for the first time",
            () => FinalEvaluation.Of(exported, selection, body, data, plan, cache, run),
            made => made.Summary
        );
        evaluation = evaluation with
        {
            Nearest = MistakeNeighbours.Find(evaluation, selection.Shipped, body, prepared.Features.All, data, plan),
        };
        if (prepared.Options.WithNeighbours)
        {
            ModelNeighbours.Write(run, data, prepared.Options.Limits, plan.Threads, cancel);
        }

        TrainingResult result = evaluation.Finish(run, selection, prepared.Clock, data);
        if (!cancel.IsCancellationRequested)
        {
            run.DeleteCheckpoints();
        }

        return result;
    }
}
