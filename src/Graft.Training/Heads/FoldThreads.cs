using Graft.Training.Features;
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

        try
        {
            // libtorch keeps it by thread, and as the default of threads that are new to it.
            Workers.Run([.. Enumerable.Range(0, foldCount)], workers, work, CancellationToken.None, begin: () => torch.set_num_threads(threadCount / workers));
        }
        finally
        {
            torch.set_num_threads(threadCount);
        }
    }
}
