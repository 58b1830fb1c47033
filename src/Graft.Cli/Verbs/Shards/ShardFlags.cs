using System.CommandLine;
using System.Globalization;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options of `extract` that say which share of the work is done.</summary>
internal sealed class ShardFlags
{
    /// <summary>The value of --shard that asks the environment.</summary>
    public const string Automatic = "auto";

    private const string ShardName = "--shard";

    private readonly Option<string?> _shard = ShardOption("Share of the images", "all images");
    private readonly Option<int?> _count = CountOption();
    private readonly Option<int?> _unitImages = Flag.NumberOrNone<int>(
        "--unit-images",
        "N",
        "Images of a unit, 1 to 65536; the same for all shards; by default 16 to 256, more for more images"
    );
    private readonly Option<bool> _mixed = StoreFlags.MixedMachines(
        "Work on a store that a machine with another instruction set began; a model that is trained on it is not "
            + "reproducible to the bit"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_shard, _count, _unitImages, _mixed];

    /// <summary>The options of the work.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="training">The options of the training to come.</param>
    /// <exception cref="UsageException">The shard cannot be read.</exception>
    /// <exception cref="GraftException">The environment does not tell the shard.</exception>
    public ShardOptions Read(ParseResult parsed, TrainingOptions training) =>
        new()
        {
            Training = training,
            Shard = ShardOf(parsed.GetValue(_shard), parsed.GetValue(_count)),
            UnitImages = parsed.GetValue(_unitImages),
            MixedMachines = parsed.GetValue(_mixed),
        };

    /// <summary>The option --shard.</summary>
    /// <param name="what">What is divided.</param>
    /// <param name="all">What is done without it.</param>
    public static Option<string?> ShardOption(string what, string all) =>
        Flag.Text(
            ShardName,
            "auto|I/N",
            $"{what}: number I, from 0, of N; auto: told by Kubernetes Indexed Jobs, Slurm, MPI, AWS Batch or Google "
                + $"Batch; by default {all}"
        );

    /// <summary>The option --shards.</summary>
    public static Option<int?> CountOption() =>
        Flag.NumberOrNone<int>(
            "--shards",
            "N",
            "Number of shards for --shard auto where the scheduler does not tell it, or tells another one"
        );

    /// <summary>Writes what a share has done: as a sentence, or as one JSON document.</summary>
    /// <param name="result">What it has done.</param>
    /// <param name="store">Folder of the store.</param>
    /// <param name="units">What its units are called.</param>
    /// <param name="isJson">Whether it is a document.</param>
    /// <param name="terminal">Where it is written.</param>
    public static void Write(ShardResult result, string store, string units, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            WriteJson(result, store, terminal);
            return;
        }

        terminal.Output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Shard {result.Shard} is in '{Printable.Text(store)}': {result.Units} of {result.AllUnits} {units}, "
                    + $"{result.Made} made now"
            )
        );
    }

    /// <summary>The share that --shard names.</summary>
    /// <param name="text">Its value; null: it was not given.</param>
    /// <param name="count">The value of --shards.</param>
    /// <exception cref="UsageException">The shard cannot be read.</exception>
    /// <exception cref="GraftException">The environment does not tell the shard.</exception>
    public static Shard ShardOf(string? text, int? count) =>
        text is null ? Shard.Whole
        : text == Automatic ? Shard.Detect(count)
        : Shard.Parse(text)
            ?? throw new UsageException(
                $"'{ShardName}' cannot be '{Printable.Text(text)}': it takes auto, or I/N such as 0/4, with I from 0 "
                    + "to N-1"
            );

    private static void WriteJson(ShardResult result, string store, Terminal terminal) =>
        JsonOutput.Write(terminal.Output, json =>
        {
            json.WriteStartObject();
            json.WriteString("store", store);
            json.WriteNumber("shard", result.Shard.Index);
            json.WriteNumber("shards", result.Shard.Count);
            json.WriteNumber("units", result.Units);
            json.WriteNumber("made", result.Made);
            json.WriteNumber("allUnits", result.AllUnits);
            json.WriteEndObject();
        });
}
