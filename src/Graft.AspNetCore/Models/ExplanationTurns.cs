namespace Graft.AspNetCore;

/// <summary>
/// Lets as many explanations run at once as the model has workers, and bounds how many wait.
/// </summary>
internal sealed class ExplanationTurns(ServedModelOptions options) : IDisposable
{
    private readonly int _most = options.WorkerCount + options.QueueLength;
    private readonly SemaphoreSlim _turns = new(options.WorkerCount);
    private int _asked;

    /// <summary>Runs work on a thread of the pool when it is its turn.</summary>
    /// <param name="work">The work. It is completed once it has started.</param>
    /// <param name="model">Name of the model in the message.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="QueueFullException">Too many wait.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, string model, CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Increment(ref _asked) > _most)
            {
                throw new QueueFullException(model, options.QueueLength);
            }

            await _turns.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }

    public void Dispose() => _turns.Dispose();
}
