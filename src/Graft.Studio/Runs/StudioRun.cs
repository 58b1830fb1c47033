using Graft.Training;

namespace Graft.Studio;

/// <summary>How far a run is.</summary>
internal enum RunState
{
    /// <summary>It waits for the runs before it.</summary>
    Queued,

    /// <summary>It is training.</summary>
    Running,

    /// <summary>It can be resumed.</summary>
    Stopped,

    /// <summary>Nothing is left to do.</summary>
    Complete,

    /// <summary>It ended with an error.</summary>
    Failed,
}

/// <summary>A run of the studio, or one that lies in its folder. Thread-safe.</summary>
internal sealed class StudioRun : IProgress<TrainingEvent>, IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private RunState _state;
    private string? _message;
    private volatile Progressed? _progress;

    public StudioRun(string name, string folder, RunState state) => (Name, Folder, _state) = (name, folder, state);

    /// <summary>Name of its folder.</summary>
    public string Name { get; }

    /// <summary>Path of its folder.</summary>
    public string Folder { get; }

    /// <summary>Starts or continues the training.</summary>
    public Func<StudioRun, CancellationToken, Task>? Work { get; set; }

    /// <summary>How far the current phase is; null between phases.</summary>
    public Progressed? Progress => _progress;

    /// <summary>Cancelled when the run is to stop.</summary>
    public CancellationToken StopToken
    {
        get
        {
            lock (_gate)
            {
                return _stop.Token;
            }
        }
    }

    /// <summary>What the page shows of it.</summary>
    public RunSummary Summary()
    {
        lock (_gate)
        {
            return new(Name, _state, _message, File.Exists(Path.Combine(Folder, "model.onnx")));
        }
    }

    /// <summary>Changes the state where the run is in one of some states.</summary>
    /// <returns>Whether it was.</returns>
    public bool Move(RunState to, string? message, params ReadOnlySpan<RunState> from)
    {
        lock (_gate)
        {
            if (!from.Contains(_state))
            {
                return false;
            }

            (_state, _message) = (to, message);
            _progress = null;
            if (to == RunState.Queued)
            {
                _stop.Dispose();
                _stop = new();
            }

            return true;
        }
    }

    /// <summary>Asks the run to stop.</summary>
    public void Stop()
    {
        if (!Move(RunState.Stopped, null, RunState.Queued))
        {
            lock (_gate)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>Keeps the progress. All other events are in log.jsonl.</summary>
    public void Report(TrainingEvent value) => _progress = value as Progressed;

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}

/// <summary>What the page shows of a run.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="State">How far it is.</param>
/// <param name="Message">Why it failed.</param>
/// <param name="HasModel">Whether there is a model that can be used.</param>
internal sealed record RunSummary(string Name, RunState State, string? Message, bool HasModel);

/// <summary>A training to start.</summary>
internal sealed record RunRequest
{
    /// <summary>How thorough the training is.</summary>
    public Effort Effort { get; init; } = Effort.Normal;

    /// <summary>Name of the body; null: the default.</summary>
    public string? Body { get; init; }

    /// <summary>Most minutes; null: as long as it takes.</summary>
    public double? Minutes { get; init; }
}
