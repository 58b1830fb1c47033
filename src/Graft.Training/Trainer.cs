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
        PreparedBody body = PreparedBody.Load(run.Options.Located, kept.Cache);
        return Run(run, kept, body, ImageReader.OfPath(run.Options.Images, DataPlan.Of(kept)), time, cancel);
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
        PreparedBody body = PreparedBody.Load(options, options.Cache);
        options = options with { Engine = EngineSelection.Of(options.Engine, body.Body.Model) };
        // before there is a folder: an edge that does not exist leaves nothing behind
        _ = body.CutFor(options, out _);
        (byte[] Csv, IReadOnlyList<Notice> Notices)? combined = options.ContinueFrom is null
            ? null
            : CombinedImages.Combine(
                imagesPath,
                options.ContinueFrom,
                body.Body.PreviousHead!.Classes,
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

        return Run(run, options, body, ImageReader.OfPath(run.Options.Images, DataPlan.Of(options)), time, cancel);
    }

    // One run, from its images to its evaluated model.
    private static TrainingResult Run(
        TrainingRun run,
        TrainingOptions options,
        PreparedBody body,
        ImageReader images,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        try
        {
            using PreparedRun prepared = PreparedRun.Prepare(run, options, body, images, time, cancel);
            SearchedProbes probes = Probe(prepared, cancel);
            ModelCandidate? tuned = FineTune(prepared, probes, cancel);
            CandidateSelection selection = Choose(prepared, probes.Probes.Best, tuned, cancel);
            return Release(prepared, selection, cancel);
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw run.MemoryRanOut(error);
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
        return new(head is null ? probes : probes.WithTrials(head.Tables), head);
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
        FeatureView seen = options.Head.Pooling == Pooling.Auto ? all.Plain : all;
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
        bool isOutOfTime = FineTuningPlanBuilder.IsNeeded(prepared.Options) && prepared.Budget.IsSpent;
        CandidateSelection selection = CandidateSelection.Between(
            probe,
            tuned,
            cancel.IsCancellationRequested ? "fine-tuning was cancelled"
                : isOutOfTime ? prepared.Budget.Reason
                : "nothing else was asked for"
        );
        prepared.Run.Report(new Notice(selection.Reason));
        return selection;
    }

    // Exports the selected model, evaluates it on the test images, and writes the last files of the run.
    private static TrainingResult Release(PreparedRun prepared, CandidateSelection selection, CancellationToken cancel)
    {
        (TrainingRun run, TrainingData data, TrainingOptions options) = (prepared.Run, prepared.Data, prepared.Options);
        (TrainableBody body, ActivationCache? cache) = (prepared.Body, prepared.Cache);
        ExportedModel exported = prepared.Clock.Run(
            "export",
            run.ModelPath,
            () => ModelExport.Write(selection, body, prepared.Features.All, data, options, cache, run),
            made => made.Summary
        );
        FinalEvaluation evaluation = prepared.Clock.Run(
            "evaluate",
            $"{data.Test.Count} test images, seen for the first time",
            () => FinalEvaluation.Of(exported, selection, body, data, options, cache, run),
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
