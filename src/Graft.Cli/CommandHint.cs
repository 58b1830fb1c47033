using Graft.Training;

namespace Graft.Cli;

/// <summary>Names the commands that solve a problem. Messages of the library name none.</summary>
internal static class CommandHint
{
    /// <summary>The exception's message, with the commands that help.</summary>
    public static string Describe(GraftException error) =>
        error is MissingWeightsException weights
            ? $"{weights.Message} ({WeightCommands(weights)})"
            : error.Message;

    private static string WeightCommands(MissingWeightsException error) =>
        (error.CanBeDownloaded ? $"`graft bodies pull {error.Subject}`, " : "")
        + $"`graft bodies add {error.Subject} FILE`";
}
