using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>
/// Shows what a run tells, on standard error: lines for what has happened and, on a screen, one for what is going on.
/// </summary>
internal static class ProgressView
{
    /// <summary>Runs <paramref name="work"/> with a progress listener that may be called from any thread.</summary>
    public static T Run<T>(
        Terminal terminal,
        Loudness loudness,
        Func<IProgress<TrainingEvent>, T> work,
        TimeProvider? time = null
    )
    {
        TimeProvider clock = time ?? TimeProvider.System;
        if (!terminal.IsErrorLive || loudness == Loudness.Quiet)
        {
            return work(new AudibleEvents(new PlainProgress(terminal.Progress, clock), loudness));
        }

        using LiveProgress live = new(terminal.ErrorConsole, () => terminal.CurrentWidth, clock);
        return work(new AudibleEvents(live, loudness));
    }

    private sealed class AudibleEvents(IProgress<TrainingEvent> listener, Loudness loudness) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            bool isHeard = loudness switch
            {
                Loudness.Quiet => value is Notice { IsWarning: true },
                Loudness.Normal => value is not TrialsEnded,
                _ => true,
            };
            if (isHeard)
            {
                listener.Report(value);
            }
        }
    }
}
