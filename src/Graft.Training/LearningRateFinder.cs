using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Pipeline;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// Searches a learning rate by one short training, in which the rate rises exponentially until the loss explodes (Smith
/// 2017, "Cyclical learning rates for training neural networks", section 3.3). Images, head and trained layers are
/// those of <see cref="Trainer"/> with the same options, but the head is not trained first. Writes only the cache.
/// </summary>
public static class LearningRateFinder
{
    /// <summary>Raises the rate step by step until the loss explodes, and returns the losses.</summary>
    /// <param name="imagesPath">
    /// A folder with one subfolder for each class; a folder with train, val and test folders of these; a CSV file
    /// (path,label[,split][,group]); an archive; or a list of another tool.
    /// </param>
    /// <param name="options">
    /// Settings of the training whose rate is searched; null: the defaults. Its rates and epochs have no effect, except
    /// that 0 epochs of fine-tuning train only the head. An open number of hidden layers means none.
    /// </param>
    /// <param name="search">Range and number of steps; null: the defaults.</param>
    /// <param name="progress">Receives the events of the search.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static RateCurve Find(
        string imagesPath,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        return Find(ImageReader.Of(imagesPath), options ?? new(), search ?? new(), progress, cancel);
    }

    /// <inheritdoc
    /// cref="Find(string, TrainingOptions?, RateFinderOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RateCurve> FindAsync(
        string imagesPath,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Find(imagesPath, options, search, progress, cancel), CancellationToken.None);

    /// <param name="images">The images.</param>
    /// <inheritdoc
    /// cref="Find(string, TrainingOptions?, RateFinderOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static RateCurve Find(
        ImageSet images,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Find(ImageReader.Of(images), options ?? new(), search ?? new(), progress, cancel);
    }

    /// <inheritdoc
    /// cref="Find(ImageSet, TrainingOptions?, RateFinderOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RateCurve> FindAsync(
        ImageSet images,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Find(images, options, search, progress, cancel), CancellationToken.None);

    /// <param name="images">The images, with their parts.</param>
    /// <inheritdoc
    /// cref="Find(string, TrainingOptions?, RateFinderOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static RateCurve Find(
        ImageSplit images,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Find(ImageReader.Of(images), options ?? new(), search ?? new(), progress, cancel);
    }

    /// <inheritdoc
    /// cref="Find(ImageSplit, TrainingOptions?, RateFinderOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RateCurve> FindAsync(
        ImageSplit images,
        TrainingOptions? options = null,
        RateFinderOptions? search = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Find(images, options, search, progress, cancel), CancellationToken.None);

    private static RateCurve Find(
        ImageReader images,
        TrainingOptions options,
        RateFinderOptions search,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        options.Validate();
        search.Validate();
        if (options.ContinueFrom is not null)
        {
            throw new OptionsException([
                new(
                    nameof(options.ContinueFrom),
                    options.ContinueFrom,
                    "rates are searched with a body's own weights; name a body instead"
                ),
            ]);
        }

        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        try
        {
            return Search(
                images,
                options with
                {
                    Head = options.Head with { Hidden = options.Head.Layers },
                },
                search,
                progress ?? TrainingProgress.None,
                cancel
            );
        }
        catch (Exception error) when (MemoryErrors.IsOutOfMemory(error))
        {
            throw new GraftException(
                $"'{Printable.Text(images.Source)}' cannot be searched: memory ran out; "
                    + "free some, or search with fewer views or a smaller trained part",
                error
            );
        }
    }

    private static RateCurve Search(
        ImageReader images,
        TrainingOptions options,
        RateFinderOptions search,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        PreparedBody body = PreparedBody.Load(options, options.Cache);
        options = options with { Engine = EngineSelection.Of(options.Engine, body.Body.Model, options.Cache) };
        PhaseClock clock = new(progress, TimeProvider.System);
        TorchSetup.BeginLoading();
        using TrainingPreparation preparation = TrainingPreparation.Read(
            body,
            options,
            images,
            new(progress, clock, TimeProvider.System, options.Threads),
            cancel
        );
        CutPoint[] cuts = preparation.Cut is null ? [] : [preparation.Cut];
        int views = options.Views ?? preparation.ChooseViews(_ => cuts);
        preparation.CutAt(cuts);
        using ExtractedFeatures features = preparation.ExtractPlainViews(cuts, views, cancel);
        preparation.ExtractRandomViews(features, views, cancel);
        preparation.Remove(features.Rejected);
        Probes probes = clock.Run(
            PhaseNames.Probe,
            "logistic regression on the features: it knows their scale, and may be where the head starts",
            () => FitProbes(preparation, features, ProbePlans.Of(options), cancel),
            made => made.Summary
        );
        return Sweep(preparation, features.All, probes, options, search, progress, cancel);
    }

    private static Probes FitProbes(
        TrainingPreparation preparation,
        ExtractedFeatures features,
        ProbePlan plan,
        CancellationToken cancel
    )
    {
        ValidationScheme validation = ValidationScheme.Of(preparation.Data, plan);
        return ProbePhase.Run(preparation.Body, features.All, preparation.Data, validation, plan, cancel);
    }

    private static RateCurve Sweep(
        TrainingPreparation preparation,
        FeatureView features,
        Probes probes,
        TrainingOptions options,
        RateFinderOptions search,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        (TrainableBody body, CutPoint? cut, TrainingData data) = (preparation.Body, preparation.Cut, preparation.Data);
        OnnxModel network = NetworkFactory.WithHead(body, options.Head, probes.Plain.TrainingFit, options.Seed);
        FeatureView seen = options.Head.Pooling == Pooling.Auto ? features.AveragesOnly : features;
        LabelledActivations rows = seen.Rows(cut is null ? seen.FeatureMatrix : seen.At(cut), data, data.Train);
        EpochLoopPlan plan = PlanOf(options, cut);
        string edge = cut?.Edge ?? HeadBuilder.Features;
        string rates = FormattableString.Invariant(
            $"a rate from {search.LowestRate:0.#######} to {search.HighestRate:0.##} in at most {search.Steps} steps"
        );
        string part = cut is null
            ? "the body frozen"
            : $"from '{cut.Edge}' on ({cut.ShareAfter:P0} of the body's cost)";
        return preparation.Clock.Run(
            RateSweep.Name,
            FormattableString.Invariant($"{rates} by {plan.Optimizer}, ") + part,
            () => new RateSweep(plan, search, progress).Run(network, edge, body.InputShape, rows, cut is null, cancel),
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
}
