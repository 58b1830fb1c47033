using Graft.Infrastructure;
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
                $"`graft bodies pull {error.Subject}`, `graft bodies add {error.Subject} FILE`",
            MissingWeightsException => $"`graft bodies add {error.Subject} FILE`",
            RunStoppedException { Subject: string run } when RunFolder.Exists(run) =>
                $"`graft resume {Printable.Text(run)}`",
            _ => "",
        };
}
