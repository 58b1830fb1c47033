using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>
/// Progress for files, pipes and build logs: whole lines without escape sequences, at most one every few seconds for a
/// phase's progress.
/// </summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider time) : IProgress<TrainingEvent>
{
    /// <summary>A run of an hour stays a log of some hundred lines.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly PhaseRate _rate = new(time);
    private long _last = time.GetTimestamp();

    public void Report(TrainingEvent value)
    {
        lock (_gate)
        {
            string? line = value is Progressed progress ? Line(progress) : EventText.Of(value);
            if (line is not null)
            {
                output.WriteLine(line);
                output.Flush();
                _last = time.GetTimestamp();
            }
        }
    }

    private string? Line(Progressed progress)
    {
        (double perSecond, TimeSpan left) = _rate.Of(progress);
        return time.GetElapsedTime(_last) < Interval
            ? null
            : $"{EventText.Phase("")}{progress.Done:N0} of {progress.Total:N0} {progress.Unit}, {perSecond:0.0} a "
                + $"second, {EventText.Duration(left)} left";
    }
}
