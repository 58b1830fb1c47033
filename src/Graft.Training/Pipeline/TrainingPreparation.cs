using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The beginning that a training, a search for a rate and an examination of data share: the body with its cut, the open
/// cache, and the images. Owns the cache and the number of libtorch's threads.
/// </summary>
internal sealed class TrainingPreparation : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly PreparationContext _context;
    private readonly IDisposable _threads;
    private readonly BranchCuts _branches;

    private TrainingPreparation(
        PreparedBody prepared,
        CutPoint? cut,
        TrainingOptions options,
        TrainingData data,
        PreparationContext context,
        ActivationCache? cache,
        IReadOnlyList<TrialTable> trials
    )
    {
        (_options, _context) = (options, context);
        _threads = TorchSetup.ChangeThreads(context.TorchThreads);
        (_branches, Cut, Data, Cache) = (prepared.Branches, cut, data, cache);
        Trials = trials;
        Body = prepared.WithStages(options, cut) with { Classes = data.Set.Classes };
    }

    /// <summary>The network without its old head, with the classes of <see cref="Data"/>.</summary>
    public TrainableBody Body { get; private set; }

    /// <summary>How images could be prepared and fitted into the input; empty where nothing was tried.</summary>
    public IReadOnlyList<TrialTable> Trials { get; }

    /// <summary>The edges where the trained part may begin, the input first.</summary>
    public IReadOnlyList<CutPoint> Cuts => _branches.Main;

    /// <summary>The edge where the trained part begins by default; null where only the head is trained.</summary>
    public CutPoint? Cut { get; }

    /// <summary>The images, split and inspected. Replaced where some turn out to be unusable.</summary>
    public TrainingData Data { get; set; }

    /// <summary>Times the phases.</summary>
    public PhaseClock Clock => _context.Clock;

    /// <summary>Keeps results between runs; null: nothing is kept.</summary>
    public ActivationCache? Cache { get; }

    /// <summary>Chooses the cut, opens the cache and reads the images.</summary>
    /// <param name="prepared">The loaded body.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="images">Where the images come from.</param>
    /// <param name="context">Clock, listener and threads.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">The images cannot be used, or the body cannot be cut as requested.</exception>
    public static TrainingPreparation Read(
        PreparedBody prepared,
        TrainingOptions options,
        ImageReader images,
        PreparationContext context,
        CancellationToken cancel
    )
    {
        void Warn(string text) => context.Progress.Report(new Notice(text, IsWarning: true));
        FeatureStore? store = options.FeaturesFrom is string folder
            ? FeatureStore.Open(folder, options.MixedMachines)
            : null;
        ActivationCache? cache = ActivationCache.Open(options.Cache, context.Time, Warn, store);
        return Read(prepared, options, images, context, cache, cancel);
    }

    /// <param name="cache">Keeps results between runs, and is owned from now on; null: nothing is kept.</param>
    /// <inheritdoc
    /// cref="Read(PreparedBody, TrainingOptions, ImageReader, PreparationContext, CancellationToken)"/>
    public static TrainingPreparation Read(
        PreparedBody prepared,
        TrainingOptions options,
        ImageReader images,
        PreparationContext context,
        ActivationCache? cache,
        CancellationToken cancel
    )
    {
        try
        {
            CutPoint? cut = prepared.CutFor(options, out string? otherCut);
            Array.ForEach([.. prepared.Body.Warnings], context.Progress.Report);
            if (otherCut is not null)
            {
                context.Progress.Report(new Notice(otherCut, IsWarning: true));
            }

            InspectionStore? inspections = InspectionCache.In(cache, options.Limits.Image);
            TrainingData data = context.Clock.Run(
                PhaseNames.Reading,
                images.Source,
                () => images.Read(DataPlan.Of(options), inspections, context.Progress, cancel),
                read => read.Summary
            );
            LabelOptions.Check(options, data);
            PlainViewTrials trials = new(options, cache, context.Progress, context.TorchThreads, cancel);
            FoundChoice<NamedTransform>? transform = FindTransform(prepared.Body, options, data, trials, context);
            prepared = prepared with { Body = prepared.Body.With(transform?.Choice, options.Body.Fit) };
            FoundChoice<ImageFit>? fit =
                context.TriesFits && FitSearch.IsNeeded(prepared.Body, options, data)
                    ? FindFit(prepared.Body, data, trials, context)
                    : null;
            prepared = prepared with { Body = prepared.Body.With(fit?.Choice) };
            TrialTable[] tables = [.. new[] { transform?.Table, fit?.Table }.OfType<TrialTable>()];
            return new(prepared, cut, options, data, context, cache, tables);
        }
        catch
        {
            cache?.Dispose();
            throw;
        }
    }

    private static FoundChoice<NamedTransform>? FindTransform(
        TrainableBody body,
        TrainingOptions options,
        TrainingData data,
        PlainViewTrials trials,
        PreparationContext context
    )
    {
        if (body.OpenTransform is not OpenTransform open)
        {
            return null;
        }

        FoundChoice<NamedTransform>? found = context.TriesFits
            ? context.Clock.Run(
                PhaseNames.InputTransform,
                "input transforms compared by probes of a sample, because the network's file does not state its own",
                () => TransformSearch.Run(body, options.Body.Fit, data, trials, context.Progress),
                one => one?.Summary ?? "no input transform tells the images apart"
            )
            : null;
        if (found is null)
        {
            context.Progress.Report(open.Assumption);
        }

        return found;
    }

    private static FoundChoice<ImageFit>? FindFit(
        TrainableBody body,
        TrainingData data,
        PlainViewTrials trials,
        PreparationContext context
    ) =>
        context.Clock.Run(
            PhaseNames.Fit,
            "crop, pad and squash compared by probes of the plain views, because the centre crop hides much",
            () => FitSearch.Run(body, data, trials, context.Progress),
            found => found?.Summary ?? "no fit tells the images apart"
        );

    /// <summary>Decides the edges where the trained part may begin: joined bodies can be cut only there.</summary>
    public void CutAt(IReadOnlyList<CutPoint> cuts) => Body = _branches.WithJoints(Body, cuts);

    /// <summary>Number of random views of each training image: as many as are cheap and have room.</summary>
    /// <param name="cutsFor">The cuts at which activations are kept, by number of views.</param>
    public int ChooseViews(Func<int, IReadOnlyList<CutPoint>> cutsFor) =>
        ViewCount.Choose(
            Data,
            Cuts,
            cutsFor,
            ExtractionPlans.FormatOf(_options, Body.Model),
            _context.CacheRoom ?? Cache?.Limit,
            _context.Progress,
            isThorough: _options.Effort == Effort.Best,
            isProbe: !FineTuningPlanBuilder.IsNeeded(_options)
        );

    /// <summary>Runs the frozen part of the body on the plain view of each image.</summary>
    /// <param name="cuts">The edges at which activations are kept.</param>
    /// <param name="views">Random views of each training image, which <see cref="ExtractRandomViews"/> adds.</param>
    /// <param name="cancel">Stops the extraction.</param>
    public ExtractedFeatures ExtractPlainViews(IReadOnlyList<CutPoint> cuts, int views, CancellationToken cancel) =>
        Clock.Run(
            PhaseNames.Extraction,
            $"{Body.Card.Name} once for each image",
            () =>
            {
                ExtractedFeatures made = ExtractedFeatures.Create(Body, PlanOf(cuts, views), Data, Cache);
                try
                {
                    CheckStore(made);
                    made.Extract(ViewRange.Plain, _context.Progress, cancel);
                    return made;
                }
                catch
                {
                    made.Dispose();
                    throw;
                }
            },
            made => made.Summary
        );

    private ExtractionPlan PlanOf(IReadOnlyList<CutPoint> cuts, int views) =>
        ExtractionPlans.Of(_options, Body.Model, cuts, views, Data.Train.Count) with
        {
            Machine = Cache?.Store is { IsMixed: true } mixed ? mixed.Manifest.Machine : null,
        };

    private void CheckStore(ExtractedFeatures features)
    {
        if (Cache?.Store is not FeatureStore store)
        {
            return;
        }

        store.Require(features.Streams, $"the features and activations of {Body.Card.Name} that are trained on");
        if (features.CountMissing() is > 0 and int missing)
        {
            _context.Progress.Report(
                new Notice(
                    $"{missing:N0} of {Data.Everything.Count:N0} images lack rows in the store of features: they are "
                        + "decoded and computed here."
                )
            );
        }
    }

    /// <summary>Runs the frozen part of the body on the random views of the training images.</summary>
    /// <exception cref="GraftException">An image cannot be read any more.</exception>
    public void ExtractRandomViews(ExtractedFeatures features, int views, CancellationToken cancel)
    {
        if (views == 0)
        {
            return;
        }

        int before = features.Rejected.Count;
        Clock.Run(
            PhaseNames.Extraction,
            $"{Body.Card.Name} once for each of {views} random views of a training image",
            () =>
            {
                features.Extract(ViewRange.Random, _context.Progress, cancel);
                return features;
            },
            made => made.Summary
        );
        if (features.Rejected.Count > before)
        {
            RejectedImage lost = features.Rejected.First(image => Data.Set.Images.Any(one => one.Name == image.Path));
            throw new GraftException($"'{Printable.Text(lost.Path)}' cannot be used any more: {lost.Reason}");
        }
    }

    /// <summary>Removes images that could not be decoded from <see cref="Data"/>.</summary>
    /// <exception cref="GraftException">Too many are unusable.</exception>
    public void Remove(IReadOnlyList<RejectedImage> rejected) =>
        Data = Data.Without(rejected, _options.RejectedLimit, _context.Progress);

    /// <summary>Restores the number of threads and closes the cache.</summary>
    public void Dispose()
    {
        _threads.Dispose();
        Cache?.Dispose();
    }
}
