using System.Runtime.ExceptionServices;

namespace Graft.Training.Extraction;

/// <summary>Processes many items in parallel on own threads. The first exception is rethrown unchanged.</summary>
internal static class Workers
{
    /// <param name="items">The items, started in this order.</param>
    /// <param name="threads">Number of threads; 0: one per core.</param>
    /// <param name="begin">Runs first on each thread.</param>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancel"/> was triggered. Items in progress are finished.
    /// </exception>
    public static void Run<T>(
        IReadOnlyList<T> items,
        int threads,
        Action<T> work,
        CancellationToken cancel,
        Action? begin = null
    )
    {
        int next = -1;
        ExceptionDispatchInfo? failure = null;
        void Work()
        {
            try
            {
                begin?.Invoke();
                for (
                    int i = Interlocked.Increment(ref next);
                    i < items.Count && failure is null && !cancel.IsCancellationRequested;
                    i = Interlocked.Increment(ref next)
                )
                {
                    work(items[i]);
                }
            }
            catch (Exception error) // rethrown by the caller's thread
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
            }
        }

        int count = Math.Min(threads > 0 ? threads : Environment.ProcessorCount, items.Count);
        Thread[] workers = [.. Enumerable.Range(0, count).Select(_ => new Thread(Work) { IsBackground = true })];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        failure?.Throw();
        cancel.ThrowIfCancellationRequested();
    }
}
