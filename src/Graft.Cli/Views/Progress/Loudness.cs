namespace Graft.Cli.Views;

/// <summary>How much a command tells beside its result.</summary>
internal enum Loudness
{
    /// <summary>Warnings only.</summary>
    Quiet,

    /// <summary>Progress.</summary>
    Normal,

    /// <summary>Progress, every trial, and tables beside the result.</summary>
    Verbose,
}
