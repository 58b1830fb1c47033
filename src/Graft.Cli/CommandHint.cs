using Graft.Training;

namespace Graft.Cli;

/// <summary>Names the commands that solve a problem. Messages of the library name none.</summary>
internal static class CommandHint
{
    /// <summary>The exception's message, with the commands that help.</summary>
    public static string Describe(GraftException error) =>
        CommandsOf(error) is { Length: > 0 } commands ? $"{error.Message} ({commands})" : error.Message;

    private static string CommandsOf(GraftException error) =>
        error switch
        {
            MissingWeightsException { CanBeDownloaded: true } =>
                $"`{Invocation.Line("bodies", "pull", error.Subject!)}`, {Adding(error)}",
            MissingWeightsException => Adding(error),
            RunStoppedException { Subject: string run } when RunFolder.Exists(run) =>
                $"`{Invocation.Line("resume", run)}`",
            _ => "",
        };

    private static string Adding(GraftException error) =>
        $"`{Invocation.Line("bodies", "add", error.Subject!, "FILE")}`";
}
