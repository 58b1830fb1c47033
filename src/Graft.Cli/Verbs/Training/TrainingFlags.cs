using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `train`, `probe` and `rates`, and how they become <see cref="TrainingOptions"/>.</summary>
internal sealed class TrainingFlags
{
    private static readonly TrainingOptions s_defaults = new();

    private readonly Option<string?> _body = Flag.Text(
        "--body",
        "NAME|FILE.onnx",
        "The pretrained network: a name (see graft bodies) or an ONNX file",
        s_defaults.Body.Text
    );
    private readonly Option<string?> _weights = Flag.Text(
        "--weights",
        "FILE",
        "A weight file for a named body; by default the weights that come with it"
    );
    private readonly Option<int?> _size = Flag.NumberOrNone<int>(
        "--size",
        "PIXELS",
        "The side of a named body's square input, 32 to 1024; by default 288 for EfficientNet-Lite0, "
            + "otherwise as it was pretrained"
    );
    private readonly Option<string?> _features = Flag.Text(
        "--features",
        "EDGE",
        "Where the body ends and its old head begins; found by itself (see graft cuts)"
    );
    private readonly Option<string?> _recipe = Flag.Text(
        "--input-recipe",
        "RECIPE",
        "What an ONNX file's network was trained with: imagenet, half, caffe, raw, zero-to-one or a JSON "
            + "file; by default read off the network, or else imagenet"
    );
    private readonly Option<string?> _fit = Fit();
    private readonly Option<string?> _from = Flag.Text(
        "--from",
        "MODEL.onnx|RUN",
        "Go on from an earlier model instead of a body: its weights, its classes and its run's images beside "
            + "those of FOLDER, which may be of further classes"
    );
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<long> _seed = Flag.Number(
        "--seed",
        "N",
        "Same seed, same machine, same bytes",
        s_defaults.Seed
    );
    private readonly Option<RequestedViews> _views = Views();
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
    private readonly Option<string> _rows = Flag.OneOf(
        "--rows",
        "How the activations that training reads are kept; auto: bfloat16 where training computes in it, "
            + "else float16; int8 takes half of the disk",
        s_defaults.ActivationPrecision
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

    private readonly Option<int?> _epochs = Flag.NumberOrNone<int>(
        "--epochs",
        "N",
        "Passes over the training images while fine-tuning; 0 trains the head only; by default 4 to 20, "
            + "fewer for more images"
    );
    private readonly Option<string?> _train = Flag.Text(
        "--train",
        "SHARE|EDGE|BLOCK",
        "How much of the network is trained: a share of its work, 0 to 1, or the edge or block (layer4) to "
            + "start at; about a third"
    );
    private readonly Option<RequestedHead> _head = Head();
    private readonly Option<double> _dropout = Flag.Number(
        "--dropout",
        "SHARE",
        "Hidden units left out of a training step, 0 to 0.9",
        s_defaults.Head.Dropout
    );
    private readonly Option<string> _start = Flag.OneOf(
        "--start",
        "Where the head's weights start",
        s_defaults.Head.Start
    );
    private readonly Option<string> _headOptimizer = Flag.OneOf(
        "--head-optimizer",
        "Optimizer of head training, in which the body is frozen",
        s_defaults.HeadTraining.Optimizer
    );
    private readonly Option<int?> _headEpochs = Flag.NumberOrNone<int>(
        "--head-epochs",
        "N",
        "Passes of head training; by default 25 for a random start or hidden layers, else 0"
    );
    private readonly Option<double?> _headTrainingRate = Flag.NumberOrNone<double>(
        "--head-training-rate",
        "RATE",
        "Step size of head training; by default 0.001, for sgd 0.01"
    );
    private readonly Option<double?> _headRate = Flag.NumberOrNone<double>(
        "--head-rate",
        "RATE",
        "Step size of the head while fine-tuning; by default the body's"
    );
    private readonly Option<double?> _bodyRate = Flag.NumberOrNone<double>(
        "--body-rate",
        "RATE",
        "Step size of the body's last layers; by default 0.01, or what a short search finds"
    );
    private readonly Option<double> _quarterDecay = Flag.Number(
        "--quarter-decay",
        "FACTOR",
        "Each quarter of the trained layers towards the input learns this factor slower, 0.01 to 1",
        s_defaults.FineTune.QuarterDecay
    );
    private readonly Option<string> _search = Flag.OneOf(
        "--search",
        "What else is tried in short trainings where --train or --body-rate is not given: auto: other rates "
            + "and a later start; deep: an earlier start too",
        s_defaults.FineTune.Search
    );
    private readonly Option<string> _unfreeze = Flag.OneOf(
        "--unfreeze",
        "Trained layers begin to learn all at once, or progressive: the last ones first, earlier ones when "
            + "the validation loss stops falling",
        s_defaults.FineTune.Unfreezing
    );
    private readonly Option<int> _batch = Flag.Number("--batch", "N", "Images a step", s_defaults.FineTune.Batch);
    private readonly Option<double?> _coTuning = Flag.NumberOrNone<double>(
        "--co-tuning",
        "FACTOR",
        "For at most about 30 images a class: the network is also held to the classes it was pretrained on, "
            + "with this factor in the loss, 0.1 to 10 (2.3 in the paper); by default it is not"
    );
    private readonly Option<double?> _target = Flag.NumberOrNone<double>(
        "--target-accuracy",
        "SHARE",
        "Stop as soon as the validation accuracy reaches this, 0 to 1"
    );

    private readonly Option<TimeSpan?> _budget = Flag.TimeOrNone(
        "--budget",
        "What the whole training may take, such as 90s, 5m or 1h: fine-tuning gets what extraction and probe "
            + "leave, in as many epochs as fit"
    );

    private readonly bool _isTuning;
    private readonly bool _isFinding;

    /// <param name="isTuning">With the options of head training and fine-tuning.</param>
    /// <param name="isFinding">But without those that say how long and how fast: a rate is looked for.</param>
    public TrainingFlags(bool isTuning, bool isFinding = false)
    {
        (_isTuning, _isFinding) = (isTuning, isFinding);
        // their first names; the help does not show them
        _quarterDecay.Aliases.Add("--layer-decay");
        _headOptimizer.Aliases.Add("--optimizer");
        _headEpochs.Aliases.Add("--warm-up-epochs");
        _headTrainingRate.Aliases.Add("--warm-up-rate");
    }

    /// <summary>Of `train`, `probe` and `resume`.</summary>
    public static Option<int> DecodeThreads() =>
        Flag.Number(
            "--decode-threads",
            "N",
            "Threads that decode images; 0: as --threads; the result is the same with any",
            s_defaults.DecodeThreads
        );

    /// <summary>Of `train`, `probe`, `rates` and `doctor`.</summary>
    public static Option<string?> Fit() =>
        Flag.OneOfOrNone<ImageFit>(
            "--fit",
            "How an image is fitted into the input: crop cuts out the centre and loses the ends of long images, pad "
                + "and squash show all of it; by default as the body was trained, mostly crop, or what a trial finds for "
                + "long images"
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
        Option[] tuning =
        [
            _epochs,
            _train,
            _head,
            _dropout,
            _start,
            _headOptimizer,
            _headEpochs,
            _headTrainingRate,
            _headRate,
            _bodyRate,
            _quarterDecay,
            _search,
            _unfreeze,
            _batch,
            _coTuning,
            _target,
            _budget,
            _rows,
        ];
        Option[] whole =
        [
            _from,
            _maxError,
            _checkpointMinutes,
            _epochs,
            _headEpochs,
            _headTrainingRate,
            _headRate,
            _bodyRate,
            _search,
            _unfreeze,
            _coTuning,
            _target,
            _budget,
        ];
        Option[] all =
        [
            _body,
            _weights,
            _size,
            _features,
            _recipe,
            _fit,
            _from,
            .. _isTuning ? tuning : [],
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
            Body = Body(parsed, start.Body),
            ContinueFrom = Given(parsed, _from, start.ContinueFrom),
            Data = _reading.Read(parsed, start.Data),
            Seed = Given(parsed, _seed, start.Seed),
            Views = Given(parsed, _views, new(start.Views, start.FreshViews)).Count,
            FreshViews = Given(parsed, _views, new(start.Views, start.FreshViews)).IsFresh,
            ValidationShare = Given(parsed, _validationShare, start.ValidationShare),
            TestShare = Given(parsed, _testShare, start.TestShare),
            Balance = NamedOrNone(parsed, _balance, start.Balance),
            MaxError = Given(parsed, _maxError, start.MaxError),
            RejectedLimit = Given(parsed, _rejectedLimit, start.RejectedLimit),
            Engine = NamedOrNone(parsed, _engine, start.Engine),
            Threads = Given(parsed, _threads, start.Threads),
            Cache = _cache.Read(parsed),
            MemoryPolicy = MemoryPolicy.ManageProcess,
            DecodeThreads = Given(parsed, _decodeThreads, start.DecodeThreads),
            CheckpointMinutes = Given(parsed, _checkpointMinutes, start.CheckpointMinutes),
            Limits = LimitFlag.Read(parsed.GetValue(_limits), start.Limits),
            Head = start.Head with { Pooling = Named(parsed, _pooling, start.Head.Pooling) },
        };
        options = _isTuning
            ? WithTuning(options, parsed)
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

    private BodySource Body(ParseResult parsed, BodySource start)
    {
        BodySource body = IsGiven(parsed, _body) ? BodyName.Read(parsed.GetValue(_body)!) : start;
        return body with
        {
            Weights = Given(parsed, _weights, start.Weights),
            InputSize = Given(parsed, _size, start.InputSize),
            FeatureEdge = Given(parsed, _features, start.FeatureEdge),
            InputTransform = Given(parsed, _recipe, start.InputTransform),
            Fit = NamedOrNone(parsed, _fit, start.Fit),
        };
    }

    // A number from 0 to 1 is a share; other numbers are edges of graphs that number their edges.
    private static TrainedPart Part(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share)
        && share is >= 0 and <= 1
            ? TrainedPart.LastShare(share)
            : TrainedPart.FromEdge(text);

    private TrainingOptions WithTuning(TrainingOptions start, ParseResult parsed) =>
        start with
        {
            ActivationPrecision = Named(parsed, _rows, start.ActivationPrecision),
            TargetAccuracy = Given(parsed, _target, start.TargetAccuracy),
            Budget = Given(parsed, _budget, start.Budget),
            Head = start.Head with
            {
                Hidden = Given(parsed, _head, new(start.Head.Hidden)).Hidden,
                Dropout = Given(parsed, _dropout, start.Head.Dropout),
                Start = Named(parsed, _start, start.Head.Start),
            },
            HeadTraining = start.HeadTraining with
            {
                Epochs = Given(parsed, _headEpochs, start.HeadTraining.Epochs),
                Optimizer = Named(parsed, _headOptimizer, start.HeadTraining.Optimizer),
                Rate = Given(parsed, _headTrainingRate, start.HeadTraining.Rate),
                Batch = Given(parsed, _batch, start.HeadTraining.Batch),
            },
            FineTune = start.FineTune with
            {
                Train = IsGiven(parsed, _train) ? Part(parsed.GetValue(_train)!) : start.FineTune.Train,
                Epochs = Given(parsed, _epochs, start.FineTune.Epochs),
                HeadRate = Given(parsed, _headRate, start.FineTune.HeadRate),
                BodyRate = Given(parsed, _bodyRate, start.FineTune.BodyRate),
                QuarterDecay = Given(parsed, _quarterDecay, start.FineTune.QuarterDecay),
                Search = Named(parsed, _search, start.FineTune.Search),
                Unfreezing = Named(parsed, _unfreeze, start.FineTune.Unfreezing),
                Batch = Given(parsed, _batch, start.FineTune.Batch),
                CoTuning = Given(parsed, _coTuning, start.FineTune.CoTuning),
            },
        };

    private static T Given<T>(ParseResult parsed, Option<T> option, T otherwise) =>
        IsGiven(parsed, option) ? parsed.GetValue(option)! : otherwise;

    private static T Named<T>(ParseResult parsed, Option<string> option, T otherwise)
        where T : struct, Enum => IsGiven(parsed, option) ? Flag.ValueOf<T>(parsed.GetValue(option)!) : otherwise;

    private static T? NamedOrNone<T>(ParseResult parsed, Option<string?> option, T? otherwise)
        where T : struct, Enum => IsGiven(parsed, option) ? Flag.ValueOf<T>(parsed.GetValue(option)!) : otherwise;

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static Option<RequestedViews> Views() =>
        new("--views")
        {
            Description =
                "Random crops and flips of an image beside the plain view, 0 to 64, by default more for fewer "
                + "images; fresh: new ones in every epoch, computed each time",
            HelpName = "N|fresh",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (text.Equals("fresh", StringComparison.OrdinalIgnoreCase))
                {
                    return new(null, IsFresh: true);
                }

                if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int count))
                {
                    return new(count, IsFresh: false);
                }

                result.AddError($"'--views' cannot be '{Printable.Text(text)}': it takes a whole number, or 'fresh'");
                return default;
            },
        };

    private static Option<RequestedHead> Head() =>
        new("--head")
        {
            Description =
                "The new classifier: one linear layer, or hidden layers of N units before it; auto: a hidden one "
                + "where cross-validation finds it better [default: auto]",
            HelpName = "auto|linear|N[,N]",
            CustomParser = result => new(Widths(result)),
        };

    private static List<int>? Widths(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (text.Equals("linear", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        List<int> widths = [];
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width))
            {
                string meant = NearestName.Find(text, ["linear", "auto"]) is string near
                    ? $"did you mean '{near}'?"
                    : "it takes 'auto', 'linear' or the widths of hidden layers, such as 256 or 512,128";
                result.AddError($"'--head' cannot be '{Printable.Text(text)}': {meant}");
                return [];
            }

            widths.Add(width);
        }

        return widths;
    }
}

/// <summary>What --views was given.</summary>
/// <param name="Count">Null: by the number of images.</param>
internal readonly record struct RequestedViews(int? Count, bool IsFresh);

/// <summary>What --head was given.</summary>
/// <param name="Hidden">Null: searched.</param>
internal readonly record struct RequestedHead(IReadOnlyList<int>? Hidden);
