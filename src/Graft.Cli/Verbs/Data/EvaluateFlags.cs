using System.CommandLine;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `evaluate`.</summary>
internal sealed class EvaluateFlags
{
    private readonly Option<string> _part = Flag.OneOf(
        "--split",
        "Images to use [default: test if the data have parts, otherwise all]",
        Part.All
    );
    private readonly Option<string?> _splitFile = Flag.Text(
        "--split-file",
        "FILE",
        "A run's split.csv, which names the part of each image of FOLDER"
    );
    private readonly Option<string?> _against = Flag.Text(
        "--against",
        "OTHER.onnx|RUN",
        "Second model with the same classes: shows which images only one of the two gets right, and whether that "
            + "is more than chance (McNemar's exact test)"
    );
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<double> _limit = Flag.Number(
        "--rejected-limit",
        "SHARE",
        "Fail if a larger share of the images cannot be used, 0 to 1",
        new TrainingOptions().RejectedLimit
    );
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly Option<int> _threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
    private readonly LoudnessFlags _loudness = new(
        "Show how wrong the model would be if it answered only where it is surest"
    );
    private readonly Option<bool> _json = Flag.Switch(
        "--json",
        "Print one JSON document; progress goes to standard error"
    );

    /// <summary>Makes the options.</summary>
    public EvaluateFlags() => _part.DefaultValueFactory = _ => "";

    private enum Part
    {
        Train,
        Validation,
        Test,
        All,
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [_part, _splitFile, _against, .. _reading.All, _limit, _limits, _threads, .. _loudness.All, _json];

    /// <summary>What the options say.</summary>
    /// <exception cref="UsageException">One is out of its range.</exception>
    public EvaluateRequest Read(ParseResult parsed)
    {
        double rejected = parsed.GetValue(_limit) is >= 0 and <= 1 and double share
            ? share
            : throw new UsageException(
                $"'--rejected-limit' cannot be {parsed.GetValue(_limit)}: it must lie between 0 and 1"
            );
        Limits limits = LimitFlag.Read(parsed.GetValue(_limits));
        return new(
            parsed.GetValue(_part)!,
            parsed.GetValue(_splitFile),
            parsed.GetValue(_against),
            rejected,
            new() { Threads = Flag.ThreadCount(parsed.GetValue(_threads)), Limits = limits },
            _reading.ReadSet(parsed, limits),
            parsed.GetValue(_json),
            _loudness.Read(parsed)
        );
    }
}
