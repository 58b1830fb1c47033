using System.CommandLine;

namespace Graft.Cli.Verbs;

/// <summary>The options that say whether features come from a store of shards.</summary>
internal sealed class StoreFlags
{
    private readonly Option<string?> _from = Flag.Text(
        "--features-from",
        "STORE",
        "Read features and activations from a store whose shards are merged (see graft extract) instead of decoding "
            + "images again; does not change the result"
    );
    private readonly Option<string?> _units = Flag.Text(
        "--from-units",
        "STORE",
        "With --seeds: take the trainings from a store in which they were planned and all shares are done (see graft "
            + "plan) instead of training; does not change the result"
    );
    private readonly Option<bool> _mixed = MixedMachines(
        "Use features or units that machines with other instruction sets computed; a model of such features is not "
            + "reproducible to the bit, and its card says so"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_from, _units, _mixed];

    /// <summary>The option --from-units.</summary>
    public Option Units => _units;

    /// <summary>The option --mixed-machines.</summary>
    /// <param name="description">What it does.</param>
    public static Option<bool> MixedMachines(string description) => Flag.Switch("--mixed-machines", description);

    /// <summary>The folder of the store; null: none.</summary>
    /// <param name="start">What holds where nothing is given.</param>
    public string? FeaturesFrom(ParseResult parsed, string? start) => parsed.Given(_from, start);

    /// <summary>The folder of the units; null: none.</summary>
    public string? UnitsFrom(ParseResult parsed) => parsed.GetValue(_units);

    /// <summary>Whether instruction sets may differ.</summary>
    public bool AllowsMixed(ParseResult parsed) => parsed.GetValue(_mixed);
}
