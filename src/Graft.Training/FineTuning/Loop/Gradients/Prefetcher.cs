using System.Collections.Concurrent;

namespace Graft.Training.FineTuning;

/// <summary>Makes the next elements on another thread while the current one is used.</summary>
internal static class Prefetcher
{
    private const int MadeAhead = 2;

    /// <summary>
    /// The same elements in the same order. Where the caller leaves early, what was made and not taken is disposed of,
    /// and no other thread reads the source any more.
    /// </summary>
    public static IEnumerable<T> Prefetched<T>(this IEnumerable<T> source)
    {
        using BlockingCollection<T> made = new(MadeAhead);
        bool isLeft = false;
        Task maker = Task.Run(() =>
        {
            try
            {
                foreach (T element in source)
                {
                    made.Add(element);
                    if (Volatile.Read(ref isLeft))
                    {
                        break;
                    }
                }
            }
            finally
            {
                made.CompleteAdding();
            }
        });

        try
        {
            foreach (T element in made.GetConsumingEnumerable())
            {
                yield return element;
            }

            maker.GetAwaiter().GetResult(); // rethrows what the maker threw
        }
        finally
        {
            Volatile.Write(ref isLeft, true);
            foreach (T element in made.GetConsumingEnumerable()) // until the maker has seen it, who may wait for room
            {
                (element as IDisposable)?.Dispose();
            }

            Task.WaitAny(maker);
        }
    }
}
