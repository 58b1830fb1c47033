using System.CommandLine;
using Graft.Cli.Views;
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
    private readonly Option<int> _workers = Flag.Number(
        "--workers",
        "N",
        "With --seeds: train in N processes at the same time, which share the processor threads; the results are those "
            + "of one process with as many threads as each of them has",
        1
    );
    private readonly Option<bool> _json = Flag.Switch(
        "--json",
        "Print the result as one JSON document; progress goes to standard error"
    );
    private readonly Option<bool> _dryRun = Flag.Switch(
        DryRun.OptionName,
        "Show the plan, the counts and an estimate of the time; train nothing, write nothing"
    );
    private readonly LoudnessFlags _loudness = new(LoudnessOfRuns);
    private readonly Option<bool> _pull = Flag.Switch(
        "--pull",
        "Download the body's weights first if they are missing (graft bodies pull); without it nothing is downloaded"
    );

    /// <summary>What --verbose shows of a run.</summary>
    public const string LoudnessOfRuns = "Show every trial, and how wrong the model would be where it is surest";

    /// <summary>What is told beside the result.</summary>
    public Loudness Loudness(ParseResult parsed) => _loudness.Read(parsed);

    /// <summary>Whether the plan is shown instead of a training.</summary>
    public bool IsDry(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>Whether missing weights are fetched first.</summary>
    public bool IsPulling(ParseResult parsed) => parsed.GetValue(_pull);

    /// <summary>Whether the result is one JSON document.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The folder of the run; null: a new one.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_run);

    /// <summary>How often to train.</summary>
    /// <exception cref="UsageException">Not at all, or too often.</exception>
    public int Seeds(ParseResult parsed) => SeedCount(parsed.GetValue(_seeds), 1);

    /// <summary>The options of the training with the processes that do it.</summary>
    public TrainingOptions WithWorkers(ParseResult parsed, TrainingOptions options) =>
        parsed.GetValue(_workers) == 1
            ? options
            : options with
            {
                Workers = WorkerProgram.Of(parsed.GetValue(_workers), options),
            };

    /// <summary>A number of seeds that is in its range.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static int SeedCount(int given, int least) =>
        given >= least && given <= RepeatedTraining.MostSeeds
            ? given
            : throw new UsageException(
                $"'--seeds' cannot be {given}: it must lie between {least} and {RepeatedTraining.MostSeeds}"
            );

    /// <summary>Adds them to a verb, in the order of the help.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="config">The option that names a file of options.</param>
    public void AddTo(Verb verb, Option config) =>
        Array.ForEach([_pull, _seeds, _workers, config, _run, _dryRun, .. _loudness.All, _json], verb.Options.Add);
}
