using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// Trains a classifier from labelled images: the map of everything else. Read one image along: split, extract, probe,
/// fine-tune, choose, export, evaluate.
/// </summary>
public static class Trainer
{
    /// <param name="imagesPath">A folder with one subfolder a class, with train, val and test folders of such, or a CSV
    /// (path,label[,split]).</param>
    /// <param name="runFolder">Made if it does not exist; gets options.json, split.csv, log.jsonl, doctor.json,
    /// model.onnx, timing.json, report.html and evaluation.json, and checkpoints while it goes on.</param>
    /// <param name="cancel">Ends the run early; from the probe on, the best model so far is exported and
    /// evaluated.</param>
    /// <exception cref="GraftException">The data, the body or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was a model.</exception>
    public static TrainingResult Train(
        string imagesPath,
        string runFolder,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Train(imagesPath, runFolder, options ?? new(), progress, TimeProvider.System, cancel);

    /// <summary>
    /// The same training with <paramref name="seedCount"/> seeds, counted up from the options' one: how much of an
    /// accuracy is chance. Each seed draws its own split where the data give none.
    /// </summary>
    /// <param name="folder">Gets a run's folder a seed (seed-1 …), seeds.json, and model.onnx, which is the first
    /// seed's. What an earlier call has left undone is gone on with.</param>
    /// <param name="seedCount">1 to 100.</param>
    /// <inheritdoc cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static RepeatedTraining TrainSeeds(
        string imagesPath,
        string folder,
        int seedCount,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seedCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seedCount, RepeatedTraining.MostSeeds);
        TrainingOptions first = options ?? new();
        return new RepeatedTraining(Path.GetFullPath(imagesPath), first.Seed, seedCount, []).Follow(
            folder,
            (seed, run) => Train(imagesPath, run, first with { Seed = seed }, progress, cancel),
            run => Resume(run, new() { MemoryPolicy = first.MemoryPolicy }, progress, cancel),
            progress,
            cancel
        );
    }

    /// <summary>Goes on with what <see cref="TrainSeeds"/> has begun in a folder.</summary>
    /// <exception cref="GraftException">There is no such training, or its first run has no options.</exception>
    public static RepeatedTraining ResumeSeeds(
        string folder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ResumeOptions session = options ?? new();
        session.Validate();
        RepeatedTraining begun = RepeatedTraining.Read(folder);
        return begun.Follow(
            folder,
            (seed, run) =>
                Train(
                    begun.Images,
                    run,
                    session.ApplyTo(
                        RunOptions.Read(Path.Combine(folder, RepeatedTraining.NameOf(begun.FirstSeed))).Repeated
                    ) with
                    {
                        Seed = seed,
                    },
                    progress,
                    cancel
                ),
            run => Resume(run, session, progress, cancel),
            progress,
            cancel
        );
    }

    /// <summary>
    /// Goes on with a run that was stopped, from its last checkpoint; it ends with the bytes that it would have had
    /// without the stop.
    /// </summary>
    /// <param name="runFolder">What was given to
    /// <see cref="Train(string, string, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>.</param>
    /// <exception cref="GraftException">There is no run, it is complete, another process works in it, or its images
    /// have changed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was a model.</exception>
    public static TrainingResult Resume(
        string runFolder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Resume(runFolder, options ?? new(), progress, TimeProvider.System, cancel);

    internal static TrainingResult Resume(
        string runFolder,
        ResumeOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        options.Validate();
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        using TrainingRun run = TrainingRun.Open(runFolder, progress, time);
        TrainingOptions kept = options.ApplyTo(run.Options.Options);
        kept.Validate();
        run.Report(new Notice("The run goes on from where it was stopped."));
        (TrainableBody body, IReadOnlyList<CutPoint> cuts) = Prepare(run.Options.Located, kept.Cache);
        return Work(run, kept, body, cuts, time, cancel);
    }

    internal static TrainingResult Train(
        string imagesPath,
        string runFolder,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        options.Validate();
        // a resumed run must find it
        options = options.ContinueFrom is null
            ? options
            : options with
            {
                ContinueFrom = Path.GetFullPath(options.ContinueFrom),
            };
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        RunOptions.BeginCompiling();
        (TrainableBody body, IReadOnlyList<CutPoint> cuts) = Prepare(options, options.Cache);
        options = options with { Engine = EngineSelection.Of(options.Engine, body.Model) };
        // before there is a folder: an edge that does not exist leaves nothing behind
        _ = TrainableCut.Choose(body.Model, cuts, ExtractionPlans.CutOf(options), out _);
        (byte[] Csv, IReadOnlyList<Notice> Notices)? combined = options.ContinueFrom is null
            ? null
            : CombinedImages.Combine(
                imagesPath,
                options.ContinueFrom,
                body.PreviousHead!.Classes,
                DataPlan.Of(options),
                cancel
            );
        using TrainingRun run = TrainingRun.Create(
            runFolder,
            RunOptions.Of(combined is null ? imagesPath : Path.Combine(runFolder, CombinedImages.ImagesName), options),
            progress,
            time
        );
        if (combined is (byte[] csv, IReadOnlyList<Notice> notices))
        {
            run.Write(CombinedImages.ImagesName, System.Text.Encoding.UTF8.GetString(csv));
            notices.ToList().ForEach(run.Report);
        }

        return Work(run, options, body, cuts, time, cancel);
    }

    /// <summary>The body, and the engines that will compute it, checked.</summary>
    internal static (TrainableBody Body, IReadOnlyList<CutPoint> Cuts) Prepare(
        TrainingOptions options,
        CacheOptions cache
    )
    {
        using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
        CheckedEngines.Require(cache);
        ProcessMemory.Return(); // where the engines were checked, each has had a network
        return (body, cuts);
    }

    private static TrainingResult Work(
        TrainingRun run,
        TrainingOptions options,
        TrainableBody body,
        IReadOnlyList<CutPoint> cuts,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        try
        {
            return Follow(run, options, body, cuts, time, cancel);
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw run.MemoryRanOut(error);
        }
    }

    private static TrainingResult Follow(
        TrainingRun run,
        TrainingOptions options,
        TrainableBody body,
        IReadOnlyList<CutPoint> cuts,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        string imagesPath = run.Options.Images;
        CutPoint? cut = TrainableCut.Choose(body.Model, cuts, ExtractionPlans.CutOf(options), out string? otherCut);
        run.Warn([.. body.Warnings, otherCut]);
        body = body with
        {
            Boundary = body.Boundary with { StageEdges = StageEdges.Of(cuts, options.Head.Pooling == Pooling.Stages ? cut : null) },
        };
        PhaseClock clock = new(run, time, run.SecondsBefore);
        using ActivationCache? cache = ActivationCache.Open(options.Cache, time, warning => run.Warn([warning]));
        DataPlan plan = DataPlan.Of(options);
        TimeBudget budget = TimeBudget.Of(options.Budget, clock);
        TrainingData data = clock.Run(
            "read",
            imagesPath,
            () => TrainingData.Read(imagesPath, plan, run, cancel, InspectionCache.In(cache, plan.ImageLimits)),
            read => read.Summary
        );
        using IDisposable threads = TorchSetup.ChangeThreads(run.Options.TorchThreads);

        body = body with { Classes = data.Set.Classes };
        run.Warn([CoTuning.Advice(data, options.FineTune.CoTuning)]);
        DepthPlan PlanWith(int count) => FineTuningPlanBuilder.DepthOf(options, body.Model, cuts, cut, data, count);
        if (options.Views is null)
        {
            int chosen = ViewCount.Choose(
                data,
                cuts,
                count => PlanWith(count).NeededCuts,
                ExtractionPlans.FormatOf(options, body.Model),
                cache,
                run
            );
            options = options with { Views = chosen };
            run.Record(run.Options with { Options = run.Options.Options with { Views = chosen } });
        }

        int views = options.Views.Value;
        DepthPlan depth = PlanWith(views);
        using ExtractedFeatures extraction = clock.Run(
            "extract",
            $"{body.Card.Name} once for each of {1 + views} views of an image",
            () =>
                ExtractedFeatures.Extract(
                    body,
                    ExtractionPlans.Of(options, body.Model, depth.NeededCuts, views, data.Train.Count),
                    data,
                    cache,
                    run,
                    cancel
                ),
            made => made.Summary
        );
        data = data.Without(extraction.Rejected, plan.RejectedLimit, run);
        run.WriteSplit(SplitFile.ToBytes(data.Split));
        CheckpointFolder checkpoints = run.Checkpoints(
            data.OrderedFingerprint,
            [FrozenHash.OfFrozen(body.Model, new HashSet<string>()), body.Boundary.ToString()],
            TimeSpan.FromMinutes(options.CheckpointMinutes),
            clock,
            time
        );

        ValidationScheme judges = ValidationScheme.Of(data, options);
        HeadSearchResult? head = null;
        Probes probes = clock.Run(
            "probe",
            $"logistic regression on the features, its penalty by cross-validation; judged by {judges.Description}",
            () =>
            {
                Probes fitted = ProbePhase.Run(body, extraction.All, data, judges, options, cancel, checkpoints);
                head = HeadSearchPhase.Run(
                    fitted,
                    data,
                    FineTuningPlanBuilder.HeadSearchOf(options),
                    checkpoints,
                    cancel
                );
                return head is null ? fitted : fitted.WithTrials(head.Tables);
            },
            made => made.Summary
        );
        data = DataExamination.Finish(body, data, extraction, probes.Best, run, cancel);
        ProcessMemory.Return(); // the doctor has compared all images
        probes.Best.Trials.ToList().ForEach(table => run.Report(table.Event));
        FeatureView seen = options.Head.Pooling == Pooling.Auto ? extraction.All.Plain : extraction.All;
        FineTuningContext tuning = new(
            body,
            seen,
            data,
            judges,
            FineTuningPlanBuilder.Of(options, head, body, data, seen.FeatureCount),
            run,
            clock
        )
        {
            Checkpoints = checkpoints,
            Budget = budget,
        };
        ModelCandidate? tuned = null;
        if (FineTuningPlanBuilder.IsNeeded(options))
        {
            SelectedSetting chosen =
                depth.Search is null || cancel.IsCancellationRequested || budget.IsSpent
                    ? new(depth.Usual, [])
                    : new SettingTrials(tuning, depth.Search).Run(probes.Plain, cancel);
            tuned = new FineTune(tuning, chosen, depth.UnfreezingSteps(chosen.Setting?.Cut)).Run(probes, cancel);
        }

        CandidateSelection choice = CandidateSelection.Between(
            probes.Best,
            tuned,
            cancel.IsCancellationRequested ? "fine-tuning was cancelled"
                : FineTuningPlanBuilder.IsNeeded(options) && budget.IsSpent ? budget.Reason
                : "nothing else was asked for"
        );
        run.Report(new Notice(choice.Reason));

        ExportedModel exported = clock.Run(
            "export",
            run.ModelPath,
            () => ModelExport.Write(choice, body, extraction.All, data, options, cache, run),
            made => made.Summary
        );
        FinalEvaluation evaluation = clock.Run(
            "evaluate",
            $"{data.Test.Count} test images, seen for the first time",
            () => FinalEvaluation.Of(exported, choice, body, data, options, cache, run),
            made => made.Summary
        );
        TrainingResult result = evaluation.Finish(run, choice, clock);
        if (!cancel.IsCancellationRequested)
        {
            run.DeleteCheckpoints();
        }

        return result;
    }
}
