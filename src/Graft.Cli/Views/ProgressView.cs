using Graft.Training;
using Spectre.Console;

namespace Graft.Cli.Views;

/// <summary>Shows what a run tells: lines for what has happened and, on a screen, a bar for what is going on.</summary>
internal static class ProgressView
{
    /// <summary>Runs <paramref name="work"/> with a progress listener that may be called from any thread.</summary>
    public static T Run<T>(
        IAnsiConsole console,
        bool isLive,
        Func<IProgress<TrainingEvent>, T> work,
        TimeProvider? time = null
    ) =>
        isLive
            ? LiveProgress.Run(console, work)
            : work(new PlainProgress(console.Profile.Out.Writer, time ?? TimeProvider.System));
}
