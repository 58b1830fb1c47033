namespace Graft.Cli.Tests;

/// <summary>The command in this process, its output in memory.</summary>
internal static class Cli
{
    public static Outcome Run(params string[] args) => Run(args, Terminal.PipeWidth);

    public static Outcome Run(string[] args, int width, CancellationToken cancel = default) =>
        Run(args, width, [], cancel);

    public static Outcome Run(string[] args, int width, byte[] standardInput, CancellationToken cancel)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        using StringWriter progress = new() { NewLine = "\n" };
        Terminal terminal = new(output, error, width: width)
        {
            Input = () => new MemoryStream(standardInput),
            Progress = progress,
        };
        int code = CommandLine.Run(args, terminal, cancel);
        return new(code, output.ToString(), error.ToString()) { Progress = progress.ToString() };
    }
}

/// <summary>What a command left behind.</summary>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>What standard error shows between the errors.</summary>
    public string Progress { get; init; } = "";

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
