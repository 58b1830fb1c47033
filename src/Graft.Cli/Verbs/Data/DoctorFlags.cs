using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `doctor`, and how they become <see cref="DoctorOptions"/>.</summary>
internal sealed class DoctorFlags
{
    /// <summary>Name of the option that names the page.</summary>
    public const string ReportName = "--report";

    private readonly Option<string?> _body = Flag.Text(
        "--body",
        "NAME|FILE.onnx",
        "Network whose features are used to compare images and to check labels",
        new DoctorOptions().Body.Text
    );
    private readonly Option<string?> _weights = Flag.Text(
        "--weights",
        "FILE",
        "Weight file for a named body; by default the weights that come with it"
    );
    private readonly Option<string?> _fit = BodyFlags.Fit("as the body was trained");
    private readonly Option<string?> _report = Flag.Text(
        ReportName,
        "FILE.html",
        "Write the findings with their pictures to one HTML file"
    );
    private readonly Option<bool> _ignore = Flag.Switch(
        "--write-ignore",
        "Add unusable and leaking images to FOLDER's ignore.txt, and doubtful ones as comments; later runs leave "
            + "the listed files out"
    );
    private readonly DataFlags _reading = new(isSkipping: false);
    private readonly Option<int> _threads = Flag.Number("--threads", "N", "Processor threads; 0: one per core", 0);
    private readonly Option<string[]> _limits = LimitFlag.Create();
    private readonly LoudnessFlags _loudness = new();
    private readonly Option<bool> _json = Flag.Switch(
        "--json",
        "Print one JSON document; progress goes to standard error"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [_body, _weights, _fit, _report, _ignore, .. _reading.All, _threads, _limits, .. _loudness.All, _json];

    /// <summary>Path of the page to write; null: none.</summary>
    public string? Report(ParseResult parsed) => parsed.GetValue(_report);

    /// <summary>Whether ignore.txt is written.</summary>
    public bool WritesIgnore(ParseResult parsed) => parsed.GetValue(_ignore);

    /// <summary>Whether the result is one JSON document.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>What is told beside the findings.</summary>
    public Loudness Loudness(ParseResult parsed) => _loudness.Read(parsed);

    /// <summary>The options of the examination.</summary>
    public DoctorOptions Read(ParseResult parsed) =>
        new()
        {
            Body = BodyName.Read(parsed.GetValue(_body)!) with
            {
                Weights = parsed.GetValue(_weights),
                Fit = parsed.GetValue(_fit) is string word ? Flag.ValueOf<ImageFit>(word) : null,
            },
            Data = _reading.Read(parsed, new()),
            Task = _reading.Task(parsed, null),
            Threads = Flag.ThreadCount(parsed.GetValue(_threads)),
            Limits = LimitFlag.Read(parsed.GetValue(_limits)),
            MemoryPolicy = MemoryPolicy.ManageProcess,
        };
}
