namespace Graft.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A file, a folder or its content cannot be used.</summary>
    public const int BadInput = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int BadUsage = 2;

    /// <summary>
    /// The disk, the network or another process is in the way: the same command may succeed later (EX_TEMPFAIL of
    /// sysexits.h).
    /// </summary>
    public const int TryAgain = 75;

    /// <summary>Stopped by Ctrl-C or SIGTERM (128 + SIGINT, as shells have it).</summary>
    public const int Cancelled = 130;
}
