namespace Graft.Training;

/// <summary>Receives the events of a training.</summary>
public static class TrainingProgress
{
    /// <summary>
    /// Calls <paramref name="onEvent"/> for each event, at once and in order, on the thread that reports it.
    /// <see cref="Progress{T}"/> would post events to a synchronization context or the thread pool instead.
    /// </summary>
    /// <param name="onEvent">Several threads may call it, but never at the same time.</param>
    public static IProgress<TrainingEvent> Of(Action<TrainingEvent> onEvent)
    {
        ArgumentNullException.ThrowIfNull(onEvent);
        return new Listener(onEvent);
    }

    /// <summary>Ignores every event.</summary>
    internal static IProgress<TrainingEvent> None { get; } = Of(_ => { });

    private sealed class Listener(Action<TrainingEvent> onEvent) : IProgress<TrainingEvent>
    {
        private readonly Lock _gate = new();

        public void Report(TrainingEvent value)
        {
            lock (_gate)
            {
                onEvent(value);
            }
        }
    }
}
