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
        "Go on from an earlier model instead of a body: its weights, its classes and its run's images beside "
            + "those of FOLDER, which may be of further classes"
    );
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<string> _effort = Flag.OneOf(
        "--effort",
        "How much work: quick: a probe of the plain images, in seconds; best: more views and a deep search",
        s_defaults.Effort
    );
    private readonly Option<long> _seed = Flag.Number(
        "--seed",
        "N",
        "Same seed, same machine, same bytes",
        s_defaults.Seed
    );
    private readonly Option<RequestedViews> _views = ViewsFlag.Create();
    private readonly Option<string> _pooling = Flag.OneOf(
        "--pooling",
        "How the feature map becomes a vector; auto: the probe tries them",
        s_defaults.Head.Pooling
    );
    private readonly Option<double> _validationShare = Flag.Number(
        "--validation-share",
        "SHARE",
        "Training images held back to choose by, 0.05 to 0.5, unless the data have such a part",
        s_defaults.ValidationShare
    );
    private readonly Option<double> _testShare = Flag.Number(
        "--test-share",
        "SHARE",
        "Images kept for the final evaluation, 0.05 to 0.5, unless the data have such a part",
        s_defaults.TestShare
    );
    private readonly Option<double> _rejectedLimit = Flag.Number(
        "--rejected-limit",
        "SHARE",
        "More unusable images than this share stop the run, 0 to 1",
        s_defaults.RejectedLimit
    );
    private readonly Option<double?> _maxError = Flag.ShareOrNone(
        "--max-error",
        "Say \"unsure\" below the confidence from which on at most this share of the answers is wrong, such "
            + "as 1%; 0 to 0.5; by default the model always answers"
    );
    private readonly Option<string?> _balance = Flag.OneOfOrNone<Balance>(
        "--balance",
        "What makes up for classes of different sizes; by default weights where the largest class has more "
            + "than twice the images of the smallest"
    );
    private readonly Option<string?> _engine = Flag.OneOfOrNone<Engine>(
        "--engine",
        "What computes frozen layers and trains the others: onnxruntime all in float32, torch all in "
            + "bfloat16, mixed the frozen ones in float32 and the others in bfloat16. By default onnxruntime; on a "
            + "processor with bfloat16 arithmetic torch, or mixed for networks of depthwise convolutions"
    );
    private readonly Option<int> _threads = Flag.Number(
        "--threads",
        "N",
        "Processor threads; 0: one a core",
        s_defaults.Threads
    );
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly CacheFlags _cache = new();
    private readonly Option<int> _decodeThreads = DecodeThreads();
    private readonly Option<double> _checkpointMinutes = CheckpointMinutes();

    private readonly bool _isTuning;
    private readonly bool _isFinding;

    /// <param name="isTuning">With the options of head training and fine-tuning.</param>
    /// <param name="isFinding">But without those that say how long and how fast: a rate is looked for.</param>
    public TrainingFlags(bool isTuning, bool isFinding = false) =>
        (_isTuning, _isFinding) = (isTuning, isFinding);

    /// <summary>Of `train`, `probe` and `resume`.</summary>
    public static Option<int> DecodeThreads() =>
        Flag.Number(
            "--decode-threads",
            "N",
            "Threads that decode images; 0: as --threads; the result is the same with any",
            s_defaults.DecodeThreads
        );

    /// <inheritdoc cref="DecodeThreads"/>
    public static Option<double> CheckpointMinutes() =>
        Flag.Number(
            "--checkpoint-minutes",
            "N",
            "Time between two checkpoints within an epoch; 0: after every batch",
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
            _rejectedLimit,
            _limits,
            _seed,
            _engine,
            _threads,
            _decodeThreads,
            _checkpointMinutes,
            .. _cache.All,
        ];
        // a search for a rate trains for some seconds and keeps nothing
        Option[] whole = [_from, _effort, _maxError, _checkpointMinutes, .. _tuning.LengthAndSpeed];
        foreach (Option option in _isFinding ? all.Except(whole) : all)
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>The options as they were given, checked.</summary>
    /// <param name="start">What holds where nothing is given; null: the defaults.</param>
    /// <exception cref="UsageException">One is out of its range; all of them are named.</exception>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions? start = null)
    {
        start ??= s_defaults;
        TrainingOptions options = start with
        {
            Body = _body.Read(parsed, start.Body),
            ContinueFrom = parsed.Given(_from, start.ContinueFrom),
            Data = _reading.Read(parsed, start.Data),
            Effort = parsed.Named(_effort, start.Effort),
            Seed = parsed.Given(_seed, start.Seed),
            Views = parsed.Given(_views, new(start.Views, start.FreshViews)).Count,
            FreshViews = parsed.Given(_views, new(start.Views, start.FreshViews)).IsFresh,
            ValidationShare = parsed.Given(_validationShare, start.ValidationShare),
            TestShare = parsed.Given(_testShare, start.TestShare),
            Balance = parsed.NamedOrNone(_balance, start.Balance),
            MaxError = parsed.Given(_maxError, start.MaxError),
            RejectedLimit = parsed.Given(_rejectedLimit, start.RejectedLimit),
            Engine = parsed.NamedOrNone(_engine, start.Engine),
            Threads = parsed.Given(_threads, start.Threads),
            Cache = _cache.Read(parsed),
            MemoryPolicy = MemoryPolicy.ManageProcess,
            DecodeThreads = parsed.Given(_decodeThreads, start.DecodeThreads),
            CheckpointMinutes = parsed.Given(_checkpointMinutes, start.CheckpointMinutes),
            Limits = LimitFlag.Read(parsed.GetValue(_limits), start.Limits),
            Head = start.Head with { Pooling = parsed.Named(_pooling, start.Head.Pooling) },
        };
        options = _isTuning
            ? _tuning.Read(parsed, options)
            : options with
            {
                HeadTraining = new() { Epochs = 0 },
                FineTune = new() { Epochs = 0 },
            };
        try
        {
            options.Validate();
            return options;
        }
        catch (OptionsException error)
        {
            throw new UsageException(OptionFlags.Describe(error));
        }
    }
}
