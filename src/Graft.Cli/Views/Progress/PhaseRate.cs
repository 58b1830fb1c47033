using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>
/// Speed and time left of one phase, measured from its first progress where the event does not say; 0 until there is
/// enough to measure.
/// </summary>
internal sealed class PhaseRate(TimeProvider time)
{
    private const double ShortestSeconds = 0.5;

    private long _start = time.GetTimestamp();
    private long _first;
    private string? _phase;

    public (double PerSecond, TimeSpan Left) Of(Progressed progress)
    {
        if (_phase != progress.Phase)
        {
            (_phase, _start, _first) = (progress.Phase, time.GetTimestamp(), progress.Done);
        }

        if (progress.PerSecond > 0)
        {
            return (progress.PerSecond, progress.Left);
        }

        double seconds = time.GetElapsedTime(_start).TotalSeconds;
        double perSecond = seconds >= ShortestSeconds ? (progress.Done - _first) / seconds : 0;
        double left = perSecond > 0 ? (progress.Total - progress.Done) / perSecond : 0;
        return (perSecond, TimeSpan.FromSeconds(Math.Min(left, TimeSpan.MaxValue.TotalSeconds / 2)));
    }
}
