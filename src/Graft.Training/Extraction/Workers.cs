using System.Runtime.ExceptionServices;

namespace Graft.Training.Extraction;

/// <summary>
/// Work on many items side by side, on threads of its own; what one of them throws comes out as it is.
/// </summary>
internal static class Workers
{
    /// <param name="items">Taken one by one, in their order.</param>
    /// <param name="threads">0: one a core.</param>
    /// <param name="begin">Called first on each of the threads.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; what had begun is done.</exception>
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
