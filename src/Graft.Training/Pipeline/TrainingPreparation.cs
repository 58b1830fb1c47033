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

    private TrainingPreparation(
        PreparedBody prepared,
        CutPoint? cut,
        TrainingOptions options,
        TrainingData data,
        PreparationContext context,
        ActivationCache? cache,
        TrialTable? fits
    )
    {
        (_options, _context) = (options, context);
        _threads = TorchSetup.ChangeThreads(context.TorchThreads);
        (Cuts, Cut, Data, Cache) = (prepared.Cuts, cut, data, cache);
        Fits = fits;
        Body = prepared.WithStages(options, cut) with { Classes = data.Set.Classes };
    }

    /// <summary>The network without its old head, with the classes of <see cref="Data"/>.</summary>
    public TrainableBody Body { get; }

    /// <summary>How images could be fitted into the input; null where nothing was tried.</summary>
    public TrialTable? Fits { get; }

    /// <summary>The edges where the trained part may begin, the input first.</summary>
    public IReadOnlyList<CutPoint> Cuts { get; }

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
        CutPoint? cut = prepared.CutFor(options, out string? otherCut);
        void Warn(string text) => context.Progress.Report(new Notice(text, IsWarning: true));
        Array.ForEach([.. prepared.Body.Warnings], context.Progress.Report);
        if (otherCut is not null)
        {
            Warn(otherCut);
        }

        ActivationCache? cache = ActivationCache.Open(options.Cache, context.Time, Warn);
        try
        {
            InspectionStore? inspections = InspectionCache.In(cache, options.Limits.Image);
            TrainingData data = context.Clock.Run(
                PhaseNames.Reading,
                images.Source,
                () => images.Read(DataPlan.Of(options), inspections, context.Progress, cancel),
                read => read.Summary
            );
            FoundFit? fit = context.TriesFits && FitSearch.IsNeeded(prepared.Body, options, data)
                ? FindFit(prepared.Body, options, data, context, cache, cancel)
                : null;
            prepared = prepared with { Body = prepared.Body.With(fit?.Fit) };
            return new(prepared, cut, options, data, context, cache, fit?.Table);
        }
        catch
        {
            cache?.Dispose();
            throw;
        }
    }

    private static FoundFit? FindFit(
        TrainableBody body,
        TrainingOptions options,
        TrainingData data,
        PreparationContext context,
        ActivationCache? cache,
        CancellationToken cancel
    ) =>
        context.Clock.Run(
            PhaseNames.Fit,
            "crop, pad and squash compared by probes of the plain views, because the centre crop hides much",
            () => FitSearch.Run(body, options, data, cache, context.Progress, context.TorchThreads, cancel),
            found => found?.Summary ?? "no fit tells the images apart"
        );

    /// <summary>Number of random views of each training image: as many as are cheap and have room.</summary>
    /// <param name="cutsFor">The cuts at which activations are kept, by number of views.</param>
    public int ChooseViews(Func<int, IReadOnlyList<CutPoint>> cutsFor) =>
        ViewCount.Choose(
            Data,
            Cuts,
            cutsFor,
            ExtractionPlans.FormatOf(_options, Body.Model),
            Cache,
            _context.Progress,
            isThorough: _options.Effort == Effort.Best
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
                ExtractedFeatures.Extract(
                    Body,
                    ExtractionPlans.Of(_options, Body.Model, cuts, views, Data.Train.Count),
                    Data,
                    Cache,
                    _context.Progress,
                    cancel,
                    ViewRange.Plain
                ),
            made => made.Summary
        );

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
