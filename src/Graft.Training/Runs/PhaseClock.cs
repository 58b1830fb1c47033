namespace Graft.Training.Runs;

/// <summary>Announces phases and takes their times.</summary>
internal sealed class PhaseClock(IProgress<TrainingEvent> progress, TimeProvider time)
{
    private readonly Dictionary<string, double> _seconds = [];

    /// <summary>By phase; a phase that ran twice has the sum.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <param name="result">Says in a line what came of it.</param>
    public T Run<T>(string phase, string detail, Func<T> work, Func<T, string> result)
    {
        progress.Report(new PhaseStarted(phase, detail));
        long start = time.GetTimestamp();
        T made = work();
        double seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3);
        _seconds[phase] = _seconds.GetValueOrDefault(phase) + seconds;
        progress.Report(new PhaseEnded(phase, result(made), seconds));
        return made;
    }
}
