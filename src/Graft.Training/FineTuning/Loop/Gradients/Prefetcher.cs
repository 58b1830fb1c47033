using System.Collections.Concurrent;

namespace Graft.Training.FineTuning;

/// <summary>Makes the next elements of a sequence on another thread while the current one is used.</summary>
internal static class Prefetcher
{
    private const int Ahead = 2;

    /// <summary>
    /// The same elements in the same order. When the caller leaves early, elements that it has not taken are disposed,
    /// and the source is no longer read.
    /// </summary>
    public static IEnumerable<T> Prefetched<T>(this IEnumerable<T> source)
    {
        using BlockingCollection<T> made = new(Ahead);
        bool hasLeft = false;
        Task maker = Task.Run(() =>
        {
            try
            {
                foreach (T element in source)
                {
                    made.Add(element);
                    if (Volatile.Read(ref hasLeft))
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
            Volatile.Write(ref hasLeft, true);
            foreach (T element in made.GetConsumingEnumerable()) // the maker may be waiting for room
            {
                (element as IDisposable)?.Dispose();
            }

            Task.WaitAny(maker);
        }
    }
}
