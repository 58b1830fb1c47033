using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// A run whose images are read. The frozen part has run on their plain views, and on the random ones after
/// <see cref="ExtractRandomViews"/>. Owns the features and the cache.
/// </summary>
internal sealed class PreparedRun : IDisposable
{
    private readonly TrainingPreparation _preparation;
    private readonly TimeProvider _time;

    private PreparedRun(
        TrainingRun run,
        TrainingOptions options,
        TrainingPreparation preparation,
        DepthPlan depth,
        ExtractedFeatures features,
        TimeProvider time
    )
    {
        (_preparation, _time) = (preparation, time);
        (Run, Options, Depth, Features) = (run, options, depth, features);
        Budget = TimeBudget.Of(options.Budget, Clock);
        Validation = ValidationScheme.Of(Data, ProbePlans.Of(options));
        Checkpoints = run.Checkpoints(
            Data.OrderedFingerprint,
            [FrozenHash.OfFrozen(Body.Model, new HashSet<string>()), Body.Boundary.ToString()],
            TimeSpan.FromMinutes(options.CheckpointMinutes),
            Clock,
            time
        );
        run.RecordMove(); // the checkpoints have compared the hashes
    }

    /// <summary>The folder of the run.</summary>
    public TrainingRun Run { get; }

    /// <summary>The options, with everything decided that they left open.</summary>
    public TrainingOptions Options { get; }

    /// <summary>How deep the body may be trained.</summary>
    public DepthPlan Depth { get; }

    /// <summary>The outputs of the frozen part.</summary>
    public ExtractedFeatures Features { get; }

    /// <summary>How candidates are compared.</summary>
    public ValidationScheme Validation { get; }

    /// <summary>The checkpoints of the run's steps, valid for exactly these images and this body.</summary>
    public CheckpointFolder Checkpoints { get; }

    /// <summary>How long the run may take.</summary>
    public TimeBudget Budget { get; }

    /// <summary>The network without its old head.</summary>
    public TrainableBody Body => _preparation.Body;

    /// <summary>How images could be prepared and fitted into the input; empty where nothing was tried.</summary>
    public IReadOnlyList<TrialTable> InputTrials => _preparation.Trials;

    /// <summary>Times the phases.</summary>
    public PhaseClock Clock => _preparation.Clock;

    /// <summary>Keeps results between runs; null: nothing is kept.</summary>
    public ActivationCache? Cache => _preparation.Cache;

    /// <summary>The usable images, split.</summary>
    public TrainingData Data
    {
        get => _preparation.Data;
        set => _preparation.Data = value;
    }

    /// <summary>True where a probe of the plain views is not the whole run.</summary>
    public bool GoesBeyondPlainViews => Options.Views > 0 || FineTuningPlanBuilder.IsNeeded(Options);

    /// <summary>Reads the images, extracts the features of their plain views and writes the split.</summary>
    /// <param name="start">The run that is about to train.</param>
    /// <param name="time">The clock that times the phases.</param>
    /// <param name="cancel">Stops the preparation.</param>
    public static PreparedRun Prepare(RunStart start, TimeProvider time, CancellationToken cancel)
    {
        (TrainingRun run, TrainingOptions options, PreparedBody body, ImageReader images) = start;
        PhaseClock clock = new(run, time, run.SecondsBefore);
        PreparationContext context = new(run, clock, time, run.Options.TorchThreads)
        {
            CacheRoom = options.Cache.ViewRoom,
        };
        TrainingPreparation preparation = TrainingPreparation.Read(body, options, images, context, cancel);
        ExtractedFeatures? features = null;
        try
        {
            run.Warn([CoTuning.Advice(preparation.Data, options.FineTune.CoTuning)]);
            int views = options.Views ?? ChooseViews(run, options, preparation);
            options = options with { Views = views };
            DepthPlan depth = DepthOf(options, preparation, views);
            preparation.CutAt(depth.NeededCuts);
            RunForecast forecast = new(RunWork.Of(options, preparation, depth), views);
            clock.Outlook = forecast.At;
            features = preparation.ExtractPlainViews(depth.NeededCuts, views, cancel);
            preparation.Remove(features.Rejected);
            run.WriteSplit(SplitFile.ToBytes(preparation.Data.Split));
            return new(run, options, preparation, depth, features, time);
        }
        catch
        {
            features?.Dispose();
            preparation.Dispose();
            throw;
        }
    }

    /// <summary>Extracts the features of the random views.</summary>
    /// <exception cref="GraftException">An image cannot be read any more.</exception>
    public void ExtractRandomViews(CancellationToken cancel) =>
        _preparation.ExtractRandomViews(Features, Options.Views!.Value, cancel);

    /// <summary>A token that is cancelled with another one, or when the time budget is spent.</summary>
    public BudgetCancellation LimitByBudget(CancellationToken cancel) => new(Budget, _time, cancel);

    /// <summary>Disposes the features and closes the cache.</summary>
    public void Dispose()
    {
        Features.Dispose();
        _preparation.Dispose();
    }

    // The number is recorded: a resumed run must not choose another one because the room has changed.
    private static int ChooseViews(TrainingRun run, TrainingOptions options, TrainingPreparation preparation)
    {
        int views = preparation.Cache?.Store?.Manifest.Views
            ?? preparation.ChooseViews(count => DepthOf(options, preparation, count).NeededCuts);
        run.Record(run.Options with { Options = run.Options.Options with { Views = views } });
        return views;
    }

    /// <summary>How deep the body may be trained.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="preparation">Body, cuts and images.</param>
    /// <param name="views">Random views of each training image.</param>
    public static DepthPlan DepthOf(TrainingOptions options, TrainingPreparation preparation, int views) =>
        FineTuningPlanBuilder.DepthOf(
            options,
            preparation.Body.MainModel,
            preparation.Cuts,
            preparation.Cut,
            preparation.Data,
            views
        );
}
