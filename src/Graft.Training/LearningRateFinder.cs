using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// Looks for a learning rate: one short training in which the rate rises exponentially until the loss explodes (Smith
/// 2017, "Cyclical learning rates for training neural networks", section 3.3).
/// Images, head and trained layers are those of <see cref="Trainer"/> with the same options; a head that would be
/// warmed up first is not. Nothing is written but the cache.
/// </summary>
public static class LearningRateFinder
{
    /// <param name="imagesPath">As for <see cref="Trainer"/>.</param>
    /// <param name="options">Rates and epochs among them have no effect, except that 0 epochs of fine-tuning train the
    /// head alone, as a share of 0 does.</param>
    /// <exception cref="GraftException">The data, the body or an option cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RateCurve Find(
        string imagesPath,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        (options, search) = (options ?? new(), search ?? new());
        options.Validate();
        search.Validate();
        if (options.ContinueFrom is not null)
        {
            throw new GraftException(
                "'from' cannot be used here: rates are looked for with a body's own weights; name a body instead"
            );
        }

        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        try
        {
            return Follow(
                imagesPath,
                options with
                {
                    Head = options.Head with { Hidden = options.Head.Layers },
                },
                search,
                progress ?? new Unheard(),
                cancel
            );
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw new GraftException(
                $"'{Printable.Text(imagesPath)}' cannot be searched: memory ran out; free some, or start again with fewer --views or a smaller --train",
                error
            );
        }
    }

    private static RateCurve Follow(
        string imagesPath,
        TrainingOptions options,
        RateFinderOptions search,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        (TrainableBody body, IReadOnlyList<CutPoint> cuts) = Trainer.Prepare(options, options.Cache);
        options = options with { Engine = EngineSelection.Of(options.Engine, body.Model) };
        CutPoint? cut = TrainableCut.Choose(body.Model, cuts, ExtractionPlans.CutOf(options), out string? otherCut);
        void Warn(string text) => progress.Report(new Notice(text, IsWarning: true));
        body.Warnings.Append(otherCut).OfType<string>().ToList().ForEach(Warn);
        PhaseClock clock = new(progress, TimeProvider.System);
        using ActivationCache? cache = ActivationCache.Open(options.Cache, TimeProvider.System, Warn);
        DataPlan plan = DataPlan.Of(options);
        TorchSetup.BeginLoading();
        TrainingData data = clock.Run(
            "read",
            imagesPath,
            () => TrainingData.Read(imagesPath, plan, progress, cancel, InspectionCache.In(cache, plan.ImageLimits)),
            read => read.Summary
        );
        using IDisposable threads = TorchSetup.ChangeThreads(options.Threads);

        body = body with
        {
            Classes = data.Set.Classes,
            Boundary = body.Boundary with
            {
                StageEdges = StageEdges.Of(cuts, options.Head.Pooling == Pooling.Stages ? cut : null),
            },
        };
        CutPoint[] kept = cut is null ? [] : [cut];
        int views = options.Views
            ?? ViewCount.Choose(data, cuts, _ => kept, ExtractionPlans.FormatOf(options, body.Model), cache, progress);
        using ExtractedFeatures extraction = clock.Run(
            "extract",
            $"{body.Card.Name} once for each of {1 + views} views of an image",
            () =>
                ExtractedFeatures.Extract(
                    body,
                    ExtractionPlans.Of(options, body.Model, kept, views, data.Train.Count),
                    data,
                    cache,
                    progress,
                    cancel
                ),
            made => made.Summary
        );
        data = data.Without(extraction.Rejected, plan.RejectedLimit, progress);
        Probes probes = clock.Run(
            "probe",
            "logistic regression on the features: it knows their scale, and may be where the head starts",
            () => ProbePhase.Run(body, extraction.All, data, ValidationScheme.Of(data, options), options, cancel),
            made => made.Summary
        );

        OnnxModel network = NetworkFactory.WithHead(body, options.Head, probes.Plain.Judged, options.Seed);
        FeatureView seen = options.Head.Pooling == Pooling.Auto ? extraction.All.Plain : extraction.All;
        LabelledActivations rows = seen.Rows(cut is null ? seen.FeatureMatrix : seen.At(cut), data, data.Train);
        string detail =
            FormattableString.Invariant(
                $"a rate from {search.LowestRate:0.#######} to {search.HighestRate:0.##} in at most {search.Steps} steps by {PlanOf(options, cut).Optimizer}, "
            ) + (cut is null ? "the body frozen" : $"from '{cut.Edge}' on ({cut.ShareAfter:P0} of the body's cost)");
        return clock.Run(
            RateSweep.Name,
            detail,
            () =>
                new RateSweep(PlanOf(options, cut), search, progress).Run(
                    network,
                    cut?.Edge ?? HeadBuilder.Features,
                    body.InputShape,
                    rows,
                    cut is null,
                    cancel
                ),
            curve => $"ended because {curve.Stopped}"
        );
    }

    // What a gradient and a step depend on, as in head training and fine-tuning.
    private static EpochLoopPlan PlanOf(TrainingOptions options, CutPoint? cut) =>
        new()
        {
            Name = RateSweep.Name,
            Epochs = 1,
            HeadRate = 0,
            BodyRate = 0,
            Seed = options.Seed,
            ComputeType = cut is null
                ? TorchSharp.torch.ScalarType.Float32
                : FineTuningPlanBuilder.ComputeTypeOf(options),
            Optimizer = cut is null ? options.HeadTraining.Optimizer : options.FineTune.Optimizer,
            Batch = cut is null ? options.HeadTraining.Batch : options.FineTune.Batch,
            WeightDecay = cut is null ? options.HeadTraining.WeightDecay : options.FineTune.WeightDecay,
            QuarterDecay = options.FineTune.QuarterDecay,
            LabelSmoothing = options.Head.Start == HeadStart.Probe ? 0 : options.FineTune.LabelSmoothing,
        };

    private sealed class Unheard : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) { }
    }
}
