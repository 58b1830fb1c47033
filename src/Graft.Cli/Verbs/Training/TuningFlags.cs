using System.CommandLine;
using System.Globalization;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of head training and fine-tuning.</summary>
internal sealed class TuningFlags
{
    private static readonly TrainingOptions s_defaults = new();

    private readonly Option<int?> _epochs = Flag.NumberOrNone<int>(
        "--epochs",
        "N",
        "Passes over the training images in fine-tuning; 0 trains the head only; by default 4 to 20, fewer for "
            + "more images"
    );
    private readonly Option<string?> _train = Flag.Text(
        "--train",
        "SHARE|EDGE|BLOCK",
        "Part of the network to train: a share of its work, 0 to 1, or the edge or block (such as layer4) to start "
            + "at; by default about a third"
    );
    private readonly Option<RequestedHead> _head = HeadFlag.Create();
    private readonly Option<double> _dropout = Flag.Number(
        "--dropout",
        "SHARE",
        "Share of hidden units dropped in each training step, 0 to 0.9",
        s_defaults.Head.Dropout
    );
    private readonly Option<string> _start = Flag.OneOf(
        "--start",
        "Initial weights of the head",
        s_defaults.Head.Start
    );
    private readonly Option<string> _headOptimizer = Flag.OneOf(
        "--head-optimizer",
        "Optimizer of head training, while the body is frozen",
        s_defaults.HeadTraining.Optimizer
    );
    private readonly Option<int?> _headEpochs = Flag.NumberOrNone<int>(
        "--head-epochs",
        "N",
        "Passes of head training; by default 25 for a random start or hidden layers, otherwise 0"
    );
    private readonly Option<double?> _headTrainingRate = Flag.NumberOrNone<double>(
        "--head-training-rate",
        "RATE",
        "Learning rate of head training; by default 0.001, or 0.01 for sgd"
    );
    private readonly Option<double?> _headRate = Flag.NumberOrNone<double>(
        "--head-rate",
        "RATE",
        "Learning rate of the head in fine-tuning; by default that of the body"
    );
    private readonly Option<double?> _bodyRate = Flag.NumberOrNone<double>(
        "--body-rate",
        "RATE",
        "Learning rate of the body's last layers; by default 0.01, or what a short search finds"
    );
    private readonly Option<double> _quarterDecay = Flag.Number(
        "--quarter-decay",
        "FACTOR",
        "Each quarter of the trained layers towards the input learns slower by this factor, 0.01 to 1",
        s_defaults.FineTune.QuarterDecay
    );
    private readonly Option<string> _search = Flag.OneOf(
        "--search",
        "What short trainings try if --train or --body-rate is not given; auto: other rates and a later start; "
            + "deep: an earlier start too",
        s_defaults.FineTune.Search
    );
    private readonly Option<string> _unfreeze = Flag.OneOf(
        "--unfreeze",
        "When the trained layers start to learn; once: all together; progressive: the last ones first, earlier "
            + "ones when the validation loss stops falling",
        s_defaults.FineTune.Unfreezing
    );
    private readonly Option<string?> _loss = Flag.OneOfOrNone<LabelLoss>(
        "--loss",
        "Loss where images may have several labels; asymmetric: easy negatives count little (Ridnik et al. 2021); "
            + "auto: the better one on the validation images, by short trainings; by default crossentropy, or auto "
            + "with --effort best"
    );
    private readonly Option<int> _batch = Flag.Number("--batch", "N", "Images in each step", s_defaults.FineTune.Batch);
    private readonly Option<double?> _coTuning = Flag.NumberOrNone<double>(
        "--co-tuning",
        "FACTOR",
        "For up to about 30 images a class: keeps the network's pretrained classes in the loss with this factor, "
            + "0.1 to 10 (2.3 in the paper); off by default"
    );
    private readonly Option<double?> _target = Flag.NumberOrNone<double>(
        "--target-accuracy",
        "SHARE",
        "Stop as soon as the validation accuracy, or mAP for several labels, reaches this, 0 to 1"
    );
    private readonly Option<TimeSpan?> _budget = Flag.TimeOrNone(
        "--budget",
        "Time limit of the whole training, such as 90s, 5m or 1h; a first answer is always made, and fine-tuning "
            + "gets as many epochs as fit"
    );
    private readonly Option<string> _rows = Flag.OneOf(
        "--rows",
        "Format of the activations that training reads; auto: bfloat16 if training computes in it, otherwise "
            + "float16; int8 needs half of the disk",
        s_defaults.ActivationPrecision
    );

    /// <summary>Makes the options.</summary>
    public TuningFlags()
    {
        // their first names; the help does not show them
        _quarterDecay.Aliases.Add("--layer-decay");
        _headOptimizer.Aliases.Add("--optimizer");
        _headEpochs.Aliases.Add("--warm-up-epochs");
        _headTrainingRate.Aliases.Add("--warm-up-rate");
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
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
            _loss,
            _batch,
            _coTuning,
            _target,
            _budget,
            _rows,
        ];

    /// <summary>Those that say how long and how fast to train, which a search for a rate does not have.</summary>
    public IReadOnlyList<Option> LengthAndSpeed =>
        [
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

    /// <summary>Those that decide which layers may be trained, and so what is extracted.</summary>
    public IReadOnlyList<Option> Extent =>
        [_epochs, _train, _head, _start, _headEpochs, _bodyRate, _search, _unfreeze, _coTuning, _budget, _rows];

    /// <summary>The options with what was given of head training and fine-tuning.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="start">What holds where nothing is given.</param>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions start) =>
        start with
        {
            ActivationPrecision = parsed.Named(_rows, start.ActivationPrecision),
            TargetAccuracy = parsed.Given(_target, start.TargetAccuracy),
            Budget = parsed.Given(_budget, start.Budget),
            Head = start.Head with
            {
                Hidden = parsed.Given(_head, new(start.Head.Hidden)).Hidden,
                Dropout = parsed.Given(_dropout, start.Head.Dropout),
                Start = parsed.Named(_start, start.Head.Start),
            },
            HeadTraining = start.HeadTraining with
            {
                Epochs = parsed.Given(_headEpochs, start.HeadTraining.Epochs),
                Optimizer = parsed.Named(_headOptimizer, start.HeadTraining.Optimizer),
                Rate = parsed.Given(_headTrainingRate, start.HeadTraining.Rate),
                Batch = parsed.Given(_batch, start.HeadTraining.Batch),
            },
            FineTune = start.FineTune with
            {
                Train = parsed.IsGiven(_train) ? Part(parsed.GetValue(_train)!) : start.FineTune.Train,
                Epochs = parsed.Given(_epochs, start.FineTune.Epochs),
                HeadRate = parsed.Given(_headRate, start.FineTune.HeadRate),
                BodyRate = parsed.Given(_bodyRate, start.FineTune.BodyRate),
                QuarterDecay = parsed.Given(_quarterDecay, start.FineTune.QuarterDecay),
                Search = parsed.Named(_search, start.FineTune.Search),
                Unfreezing = parsed.Named(_unfreeze, start.FineTune.Unfreezing),
                Loss = parsed.NamedOrNone(_loss, start.FineTune.Loss),
                Batch = parsed.Given(_batch, start.FineTune.Batch),
                CoTuning = parsed.Given(_coTuning, start.FineTune.CoTuning),
            },
        };

    /// <summary>Whether a value of --train leaves the body frozen.</summary>
    public static bool TrainsHeadOnly(string? text) => text is not null && Part(text).Share == 0;

    // A number from 0 to 1 is a share; other numbers are edges of graphs that number their edges.
    private static TrainedPart Part(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share)
        && share is >= 0 and <= 1
            ? TrainedPart.LastShare(share)
            : TrainedPart.FromEdge(text);
}
