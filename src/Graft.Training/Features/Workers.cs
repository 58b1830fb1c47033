using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Graft.Training.Features;

/// <summary>Work on many images side by side; what one of them throws comes out as it is.</summary>
internal static class Workers
{
    /// <param name="threads">0: one a core.</param>
    public static void Run<T>(IEnumerable<T> items, int threads, Action<T> work, CancellationToken cancel)
    {
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount, CancellationToken = cancel };
        try
        {
            Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), parallel, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
