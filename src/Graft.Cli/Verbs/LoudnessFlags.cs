using System.CommandLine;
using Graft.Cli.Views;

namespace Graft.Cli.Verbs;

/// <summary>The options that say how much a command tells beside its result.</summary>
/// <param name="details">What --verbose shows; null: the verb has nothing more to show.</param>
internal sealed class LoudnessFlags(string? details = null)
{
    private readonly Option<bool> _quiet = Flag.Switch("--quiet", "Show no progress, only warnings and the result");
    private readonly Option<bool>? _verbose = details is null ? null : Flag.Switch("--verbose", details);

    /// <summary>Those that the verb takes.</summary>
    public IEnumerable<Option> All => _verbose is null ? [_quiet] : [_quiet, _verbose];

    public Loudness Read(ParseResult parsed) =>
        parsed.GetValue(_quiet) ? Loudness.Quiet
        : _verbose is not null && parsed.GetValue(_verbose) ? Loudness.Verbose
        : Loudness.Normal;
}
