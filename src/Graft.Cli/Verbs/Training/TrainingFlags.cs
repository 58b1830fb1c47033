using System.CommandLine;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `train`, `probe` and `rates`, and how they become <see cref="TrainingOptions"/>.</summary>
internal sealed class TrainingFlags
{
    private static readonly TrainingOptions s_defaults = new();

    private readonly BodyFlags _body = new();
    private readonly TuningFlags _tuning = new();
    private readonly Option<string?> _from = Flag.Text(
        "--from",
        "MODEL.onnx|RUN",
        "Continue from an earlier model instead of a body: uses its weights, its classes and its run's images "
            + "together with those of FOLDER, which may add classes"
    );
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<string> _effort = Flag.OneOf(
        "--effort",
        "Amount of work; quick: a probe on the plain images, in seconds; best: more views and a deep search",
        s_defaults.Effort
    );
    private readonly Option<long> _seed = Flag.Number(
        "--seed",
        "N",
        "Seed of all random numbers; the same seed on the same machine gives the same bytes",
        s_defaults.Seed
    );
    private readonly Option<RequestedViews> _views = ViewsFlag.Create();
    private readonly Option<string> _pooling = Flag.OneOf(
        "--pooling",
        "How the feature map becomes a vector; auto: the probe tries several ways",
        s_defaults.Head.Pooling
    );
    private readonly Option<double> _validationShare = Flag.Number(
        "--validation-share",
        "SHARE",
        "Share of the training images held out for validation, 0.05 to 0.5, unless the data have a validation part",
        s_defaults.ValidationShare
    );
    private readonly Option<double> _testShare = Flag.Number(
        "--test-share",
        "SHARE",
        "Share of the images kept for the final evaluation, 0.05 to 0.5, unless the data have a test part",
        s_defaults.TestShare
    );
    private readonly Option<bool> _neighbours = Flag.Switch(
        "--with-neighbours",
        "Keep features and thumbnails of the training images in a file beside the model, for graft explain"
    );
    private readonly Option<double> _rejectedLimit = Flag.Number(
        "--rejected-limit",
        "SHARE",
        "Stop if a larger share of the images cannot be used, 0 to 1",
        s_defaults.RejectedLimit
    );
    private readonly Option<double?> _maxError = Flag.ShareOrNone(
        "--max-error",
        "Highest share of wrong answers, such as 1%, 0 to 0.5: the model says \"unsure\" below the confidence that "
            + "kept to it on held-out images; by default it always answers"
    );
    private readonly Option<LabelThreshold> _threshold = ThresholdFlag.Create();
    private readonly Option<string?> _balance = Flag.OneOfOrNone<Balance>(
        "--balance",
        "How classes of different sizes are balanced; by default weights if the largest class has more than twice "
            + "the images of the smallest, and none where images may have several labels"
    );
    private readonly Option<string?> _engine = Flag.OneOfOrNone<Engine>(
        "--engine",
        "Engine of the frozen layers and of training: onnxruntime computes in float32, torch in bfloat16; mixed "
            + "computes frozen layers in float32 and trains in bfloat16, int8 computes them in int8 and trains in "
            + "float32; by default onnxruntime, or torch (mixed for "
            + "depthwise networks) on a processor that is fast in bfloat16 (see graft check)"
    );
    private readonly Option<int> _threads = Flag.Number(
        "--threads",
        "N",
        "Processor threads; 0: one per core",
        s_defaults.Threads
    );
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly CacheFlags _cache = new();
    private readonly StoreFlags _store = new();
    private readonly Option<int> _decodeThreads = DecodeThreads();
    private readonly Option<double> _checkpointMinutes = CheckpointMinutes();

    private readonly bool _isTuning;
    private readonly bool _isFinding;
    private readonly bool _isExtracting;
    private readonly bool _isPlanning;

    /// <param name="isTuning">With the options of head training and fine-tuning.</param>
    /// <param name="isFinding">But without those that say how long and how fast: a rate is looked for.</param>
    /// <param name="isExtracting">But only with those that decide what is extracted.</param>
    /// <param name="isPlanning">But without those of the process that will train.</param>
    public TrainingFlags(
        bool isTuning,
        bool isFinding = false,
        bool isExtracting = false,
        bool isPlanning = false
    ) => (_isTuning, _isFinding, _isExtracting, _isPlanning) = (isTuning, isFinding, isExtracting, isPlanning);

    /// <summary>Of `train`, `probe`, `rates` and `resume`.</summary>
    public static Option<int> DecodeThreads() =>
        Flag.Number(
            "--decode-threads",
            "N",
            "Threads that decode images; 0: same as --threads; does not change the result",
            s_defaults.DecodeThreads
        );

    /// <summary>Of `train` and `resume`.</summary>
    public static Option<double> CheckpointMinutes() =>
        Flag.Number(
            "--checkpoint-minutes",
            "N",
            "Minutes between two checkpoints within an epoch; 0: after every batch",
            s_defaults.CheckpointMinutes
        );

    public void AddTo(Command verb)
    {
        Option[] all =
        [
            .. _body.All,
            _from,
            _effort,
            .. _isTuning ? _tuning.All : [],
            .. _reading.All,
            _views,
            _pooling,
            _balance,
            _validationShare,
            _testShare,
            _maxError,
            _threshold,
            _neighbours,
            _rejectedLimit,
            _limits,
            _seed,
            _engine,
            _threads,
            _decodeThreads,
            _checkpointMinutes,
            .. _cache.All,
            .. _store.All,
        ];
        foreach (Option option in all.Except(Elsewhere()))
        {
            verb.Options.Add(option);
        }
    }

    // The options that this verb does not have.
    private IEnumerable<Option> Elsewhere()
    {
        Option[] ofRuns = [_from, _maxError, _threshold, _neighbours, _checkpointMinutes, .. _store.All];
        return _isExtracting ? [.. ofRuns, _balance, .. _cache.All, .. _tuning.All.Except(_tuning.Extent)]
            // a search for a rate trains for some seconds and keeps nothing
            : _isFinding ? [.. ofRuns, _effort, .. _tuning.LengthAndSpeed]
            : _isPlanning ? [_from, _store.Units, _decodeThreads, _checkpointMinutes]
            : _isTuning ? []
            : [_checkpointMinutes]; // a probe has no epochs
    }

    /// <summary>The options as they were given, checked.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="start">Those of a run that is repeated, which hold where nothing is given; null: the
    /// defaults.</param>
    /// <exception cref="UsageException">One is out of its range or has no effect; all of them are named.</exception>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions? start = null)
    {
        TrainingOptions options = Unchecked(parsed, start ?? s_defaults);
        try
        {
            // an option back to its default is the way out where the repeated run's has no effect any more
            options.Validate(start is null ? OptionFlags.Properties(parsed).Except(Unasked) : []);
            return options;
        }
        catch (OptionsException error)
        {
            throw new UsageException(OptionFlags.Describe(error, parsed));
        }
    }

    // of an extraction it is an option of the shards
    private string[] Unasked => _isExtracting ? [nameof(TrainingOptions.MixedMachines)] : [];

    private TrainingOptions Unchecked(ParseResult parsed, TrainingOptions start)
    {
        TrainingOptions options = start with
        {
            Body = _body.Read(parsed, start.Body),
            ContinueFrom = parsed.Given(_from, start.ContinueFrom),
            Data = _reading.Read(parsed, start.Data),
            Task = _reading.Task(parsed, start.Task),
            Effort = parsed.Named(_effort, start.Effort),
            Seed = parsed.Given(_seed, start.Seed),
            Views = parsed.Given(_views, new(start.Views, start.FreshViews)).Count,
            FreshViews = parsed.Given(_views, new(start.Views, start.FreshViews)).IsFresh,
            ValidationShare = parsed.Given(_validationShare, start.ValidationShare),
            TestShare = parsed.Given(_testShare, start.TestShare),
            Balance = parsed.NamedOrNone(_balance, start.Balance),
            MaxError = parsed.Given(_maxError, start.MaxError),
            Threshold = parsed.IsGiven(_threshold) ? parsed.GetValue(_threshold) : start.Threshold,
            WithNeighbours = start.WithNeighbours || parsed.GetValue(_neighbours),
            RejectedLimit = parsed.Given(_rejectedLimit, start.RejectedLimit),
            Engine = parsed.NamedOrNone(_engine, start.Engine),
            Threads = parsed.Given(_threads, start.Threads),
            Cache = _cache.Read(parsed),
            FeaturesFrom = _store.FeaturesFrom(parsed, start.FeaturesFrom),
            UnitsFrom = _store.UnitsFrom(parsed),
            MixedMachines = start.MixedMachines || _store.AllowsMixed(parsed),
            MemoryPolicy = MemoryPolicy.ManageProcess,
            DecodeThreads = parsed.Given(_decodeThreads, start.DecodeThreads),
            CheckpointMinutes = parsed.Given(_checkpointMinutes, start.CheckpointMinutes),
            Limits = LimitFlag.Read(parsed.GetValue(_limits), start.Limits),
            Head = start.Head with { Pooling = parsed.Named(_pooling, start.Head.Pooling) },
        };
        return !_isTuning ? ProbeOf(options)
            : _isFinding ? SearchOf(_tuning.Read(parsed, options))
            : _tuning.Read(parsed, options);
    }

    // What a repeated training said of its head and of fine-tuning means nothing to a probe.
    private static TrainingOptions ProbeOf(TrainingOptions options) =>
        options with
        {
            Head = new() { Pooling = options.Head.Pooling },
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
            TargetAccuracy = null,
            Budget = null,
            ActivationPrecision = s_defaults.ActivationPrecision,
            CheckpointMinutes = s_defaults.CheckpointMinutes,
        };

    // A rate is searched for the head that is named, never for a searched one.
    private static TrainingOptions SearchOf(TrainingOptions options) =>
        options with
        {
            Head = options.Head with { Hidden = options.Head.Hidden ?? [] },
        };
}
