using Graft.Training;

namespace Graft.Studio;

/// <summary>Something that takes its time: one at a time, with its progress and its last result. Thread-safe.</summary>
internal sealed class BackgroundWork<T> : IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Listener _listener = new();
    private CancellationTokenSource _stop = new();
    private Task _last = Task.CompletedTask;
    private string? _message;
    private volatile T? _result;

    /// <summary>What it computed last; null: nothing yet.</summary>
    public T? Result => _result;

    /// <summary>How far it is.</summary>
    public WorkState State()
    {
        lock (_gate)
        {
            bool isRunning = !_last.IsCompleted;
            return new(isRunning, _result is not null, isRunning ? null : _message, _listener.Last);
        }
    }

    /// <summary>Starts it, unless it is running.</summary>
    /// <param name="work">Computes the result.</param>
    public void Start(Func<IProgress<TrainingEvent>, CancellationToken, Task<T>> work)
    {
        lock (_gate)
        {
            if (_last.IsCompleted && !_stop.IsCancellationRequested)
            {
                (_message, _listener.Last) = (null, null);
                _last = Task.Run(() => RunAsync(work, _stop.Token));
            }
        }
    }

    /// <summary>Stops it. It cannot be started again.</summary>
    public void Dispose() => _stop.Cancel();

    private async Task RunAsync(Func<IProgress<TrainingEvent>, CancellationToken, Task<T>> work, CancellationToken stop)
    {
        try
        {
            _result = await work(_listener, stop).ConfigureAwait(false);
        }
        catch (Exception error) // whatever it is, the page says what it was
        {
            _message = error is OperationCanceledException ? null : error.Message;
        }
    }

    private sealed class Listener : IProgress<TrainingEvent>
    {
        public volatile Progressed? Last;

        public void Report(TrainingEvent value) => Last = value as Progressed ?? Last;
    }
}

/// <summary>How far something in the background is.</summary>
/// <param name="IsRunning">Whether it is running.</param>
/// <param name="HasResult">Whether there is a result, of this run or an earlier one.</param>
/// <param name="Message">Why it failed; null: it did not.</param>
/// <param name="Progress">How far the current phase is; null: not known.</param>
internal sealed record WorkState(bool IsRunning, bool HasResult, string? Message, Progressed? Progress);
