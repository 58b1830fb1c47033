using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>
/// Reports phases, measures their durations with a monotonic clock, and returns memory after each of them.
/// </summary>
/// <param name="before">Seconds by phase in earlier sessions of the same run.</param>
internal sealed class PhaseClock(
    IProgress<TrainingEvent> progress,
    TimeProvider time,
    IReadOnlyDictionary<string, double>? before = null
)
{
    private readonly Dictionary<string, double> _seconds = new(before ?? new Dictionary<string, double>());
    private (string Phase, long Start)? _running;

    /// <summary>
    /// Tells where the run is when a phase begins, from the seconds by phase up to then. Null: nobody knows.
    /// </summary>
    public Func<string, IReadOnlyDictionary<string, double>, PhaseOutlook>? Outlook { get; set; }

    /// <summary>Seconds by phase up to now. A phase that ran twice has the sum.</summary>
    public IReadOnlyDictionary<string, double> Seconds =>
        _running is (string phase, long start)
            ? new Dictionary<string, double>(_seconds)
            {
                [phase] = Round(_seconds.GetValueOrDefault(phase) + Since(start)),
            }
            : _seconds;

    /// <summary>Seconds of all phases and sessions up to now.</summary>
    public double Total => Seconds.Values.Sum();

    /// <summary>Runs a phase.</summary>
    /// <param name="result">Describes the result in one line.</param>
    public T Run<T>(string phase, string detail, Func<T> work, Func<T, string> result)
    {
        PhaseOutlook? outlook = Outlook?.Invoke(phase, _seconds);
        progress.Report(
            new PhaseStarted(phase, detail)
            {
                Number = outlook?.Number ?? 0,
                Count = outlook?.Count ?? 0,
                Left = outlook?.Left,
            }
        );
        FaultPoint.Hit($"{phase} begins");
        long start = time.GetTimestamp();
        _running = (phase, start);
        T made;
        try
        {
            made = TrainingTelemetry.Phase(phase, work);
        }
        finally
        {
            _running = null;
        }

        ProcessMemory.Return();
        double seconds = Round(Since(start));
        _seconds[phase] = Round(_seconds.GetValueOrDefault(phase) + seconds);
        progress.Report(new PhaseEnded(phase, result(made), seconds));
        FaultPoint.Hit($"{phase} ends");
        return made;
    }

    private double Since(long start) => time.GetElapsedTime(start).TotalSeconds;

    private static double Round(double seconds) => Math.Round(seconds, 3);
}
