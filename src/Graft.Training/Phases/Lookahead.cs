using System.Collections.Concurrent;

namespace Graft.Training.Phases;

/// <summary>Makes the next elements on another thread while the current one is used.</summary>
internal static class Lookahead
{
    private const int MadeAhead = 2;

    /// <summary>The same elements in the same order; the source is run to its end even where the caller has lost interest.</summary>
    public static IEnumerable<T> Ahead<T>(this IEnumerable<T> source)
    {
        using BlockingCollection<T> made = new(MadeAhead);
        Task maker = Task.Run(() =>
        {
            try
            {
                foreach (T element in source)
                {
                    made.Add(element);
                }
            }
            finally
            {
                made.CompleteAdding();
            }
        });

        foreach (T element in made.GetConsumingEnumerable())
        {
            yield return element;
        }

        maker.GetAwaiter().GetResult();   // rethrows what the maker threw
    }
}
