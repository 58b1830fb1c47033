using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `features`.</summary>
internal sealed class FeaturesFlags
{
    /// <summary>Name of the option that names the file.</summary>
    public const string OutName = "--out";

    /// <summary>How a table's name ends.</summary>
    public const string Parquet = ".parquet";

    /// <summary>How the name of a file of tensors ends.</summary>
    public const string Safetensors = ".safetensors";

    private readonly Option<string?> _file = Flag.Text(
        OutName,
        "FILE",
        $"The file to write: a table with a row an image (FILE{Parquet}) or tensors (FILE{Safetensors})"
    );
    private readonly BodyFlags _body = new();
    private readonly DataFlags _reading = new(isSkipping: true);
    private readonly Option<int> _threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
    private readonly CacheFlags _cache = new();
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly LoudnessFlags _loudness = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "Print the result as one JSON document");

    public FeaturesFlags() => _file.Required = true;

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [_file, .. _body.All, .. _reading.All, _threads, .. _cache.All, _limits, .. _loudness.All, _json];

    /// <summary>Path of the file to write.</summary>
    public string File(ParseResult parsed) => parsed.GetValue(_file)!;

    /// <summary>Whether the result is one JSON document.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>What is told beside the result.</summary>
    public Loudness Loudness(ParseResult parsed) => _loudness.Read(parsed);

    /// <summary>The network.</summary>
    public BodySource Body(ParseResult parsed) => _body.Read(parsed, new TrainingOptions().Body);

    /// <summary>How its outputs are computed.</summary>
    public FeatureOptions Read(ParseResult parsed) =>
        new()
        {
            Cache = _cache.Read(parsed),
            Limits = LimitFlag.Read(parsed.GetValue(_limits)),
            Threads = Flag.ThreadCount(parsed.GetValue(_threads)),
        };

    /// <summary>How the images are read.</summary>
    public ImageSetOptions Reading(ParseResult parsed) =>
        _reading.ReadSet(parsed, LimitFlag.Read(parsed.GetValue(_limits)));
}
