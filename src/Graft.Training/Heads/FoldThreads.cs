using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Graft.Training.Heads;

/// <summary>
/// Runs the folds side by side, each on threads of its own: products this thin gain little from a second thread and lose everything when another program
/// holds one of the cores (measured: 20 s instead of 1 s). A fold's bits then do not depend on the number of cores either, up to the number of folds.
/// </summary>
internal static class FoldThreads
{
    private const long LargeRows = 100_000_000;     // 400 MB of float32 a fold: one after the other, with all threads

    /// <param name="foldCount">Calls <paramref name="work"/> with 0 to this - 1.</param>
    /// <param name="valueCount">The size of one fold's rows.</param>
    /// <param name="work">Must not touch what another fold writes.</param>
    public static void Run(int foldCount, long valueCount, Action<int> work)
    {
        int threadCount = torch.get_num_threads();
        int workers = valueCount > LargeRows ? 1 : Math.Min(threadCount, foldCount);
        if (workers == 1)
        {
            for (int fold = 0; fold < foldCount; fold++)
            {
                work(fold);
            }

            return;
        }

        int next = -1;
        ExceptionDispatchInfo? failure = null;
        void Work()
        {
            torch.set_num_threads(threadCount / workers);       // libtorch keeps it by thread, and as the default of threads that are new to it
            for (int fold = Interlocked.Increment(ref next); fold < foldCount && failure is null; fold = Interlocked.Increment(ref next))
            {
                try
                {
                    work(fold);
                }
                catch (Exception error)                         // rethrown by the caller's thread
                {
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        torch.set_num_threads(threadCount);
        failure?.Throw();
    }
}
