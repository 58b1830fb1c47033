using System.CommandLine;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `train` and `probe` that are no options of a training.</summary>
internal sealed class RunFlags
{
    private readonly Option<string?> _run = Flag.Text(
        "--out",
        "RUN",
        "Folder for the model and the other files of the run [default: runs/<folder>-<time>]"
    );
    private readonly Option<int> _seeds = Flag.Number(
        "--seeds",
        "N",
        "Train N times, with seeds counted up from --seed, each in its own folder in RUN, and report the mean "
            + "accuracy and its spread; each seed draws its own split unless the data name test images; the first "
            + "model ships; --budget holds for each",
        1
    );
    private readonly Option<bool> _json = Flag.Switch(
        "--json",
        "Print the result as one JSON document; progress goes to standard error"
    );
    private readonly Option<bool> _pull = Flag.Switch(
        "--pull",
        "Download the body's weights first if they are missing (graft bodies pull); without it nothing is downloaded"
    );

    /// <summary>Whether missing weights are fetched first.</summary>
    public bool IsPulling(ParseResult parsed) => parsed.GetValue(_pull);

    /// <summary>Whether the result is one JSON document.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The folder of the run; null: a new one.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_run);

    /// <summary>How often to train.</summary>
    /// <exception cref="UsageException">Not at all, or too often.</exception>
    public int Seeds(ParseResult parsed) =>
        parsed.GetValue(_seeds) is >= 1 and <= RepeatedTraining.MostSeeds and int given
            ? given
            : throw new UsageException(
                $"'--seeds' cannot be {parsed.GetValue(_seeds)}: it must lie between 1 and "
                    + $"{RepeatedTraining.MostSeeds}"
            );

    /// <summary>Adds them to a verb, in the order of the help.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="config">The option that names a file of options.</param>
    public void AddTo(Verb verb, Option config) =>
        Array.ForEach([_pull, _seeds, config, _run, _json], verb.Options.Add);
}
