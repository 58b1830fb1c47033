using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `export`.</summary>
internal sealed class ExportFlags
{
    private readonly Option<string?> _out = Flag.Text("--out", "FILE", "The file to write [required]");
    private readonly Option<string> _precision = Flag.OneOf(
        "--precision",
        "int8: 8-bit integers but for the normalisation and the last layer, about a quarter of the size, faster on "
            + "processors with VNNI; float16: half of the size, as fast as before",
        Precision.Int8
    );
    private readonly Option<double?> _maxLoss = Flag.ShareOrNone(
        "--max-loss",
        "Refuse a file that loses more accuracy, or mAP for several labels, than this on the test images, such as "
            + "0.5%, 0 to 1 [default: 1%]"
    );
    private readonly Option<int?> _weightBits = Flag.NumberOrNone<int>(
        "--weight-bits",
        "7|8",
        "Bits of a weight in int8; by default 8 if this processor has VNNI, otherwise 7. Choose 7 for a file that "
            + "runs on processors without VNNI"
    );
    private readonly Option<bool> _evenIfSlower = Flag.Switch(
        "--even-if-slower",
        "Keep an int8 file that is not faster here, because of its size or for another machine"
    );
    private readonly Option<string?> _images = Flag.Text(
        "--images",
        "FOLDER",
        "The images the model was trained on, as for graft train; by default those of the run in MODEL's folder"
    );
    private readonly Option<string?> _splitFile = Flag.Text(
        "--split-file",
        "FILE",
        "With --images: a run's split.csv, which names the part of each image; by default they are divided as graft "
            + "train does"
    );
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly Option<int> _threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
    private readonly Option<bool> _json = Flag.Switch(
        "--json",
        "Print one JSON document; progress goes to standard error"
    );

    private readonly LoudnessFlags _loudness = new();

    private enum Precision
    {
        Int8,
        Float16,
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [
            _out,
            _precision,
            _maxLoss,
            _weightBits,
            _evenIfSlower,
            _images,
            _splitFile,
            .. _reading.All,
            _limits,
            _threads,
            .. _loudness.All,
            _json,
        ];

    /// <summary>What is told beside the result.</summary>
    public Loudness Loudness(ParseResult parsed) => _loudness.Read(parsed);

    /// <summary>What the options say.</summary>
    /// <exception cref="UsageException">One is missing or out of its range.</exception>
    public ExportRequest Read(ParseResult parsed)
    {
        string path = parsed.GetValue(_out) ?? throw new UsageException("'--out' is missing: name the file to write");
        double loss = parsed.GetValue(_maxLoss) ?? new ExportOptions().MaxLoss;
        if (!(loss is >= 0 and <= 1))
        {
            string typed = Printable.Text(parsed.GetResult(_maxLoss)!.Tokens[0].Value);
            throw new UsageException($"'--max-loss' cannot be {typed}: it must lie between 0 and 1");
        }

        if (parsed.GetValue(_weightBits) is int bits and not (7 or 8))
        {
            throw new UsageException($"'--weight-bits' cannot be {bits}: it is 7 or 8");
        }

        Limits limits = LimitFlag.Read(parsed.GetValue(_limits));
        return new(
            path,
            parsed.GetValue(_images),
            parsed.GetValue(_splitFile),
            new()
            {
                Limits = limits.Image,
                Data = _reading.Read(parsed, new()),
                Depth = limits.FolderDepth,
            },
            new()
            {
                Precision = Flag.ValueOf<Prediction.ModelPrecision>(parsed.GetValue(_precision)!),
                MaxLoss = loss,
                WeightBits = parsed.GetValue(_weightBits),
                MustBeFaster = !parsed.GetValue(_evenIfSlower),
                Threads = Flag.ThreadCount(parsed.GetValue(_threads)),
                Limits = limits,
            },
            parsed.GetValue(_json)
        );
    }
}
