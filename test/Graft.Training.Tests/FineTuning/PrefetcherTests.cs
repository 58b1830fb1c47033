using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

public sealed class PrefetcherTests
{
    [Fact]
    public void The_next_elements_are_made_on_another_thread_while_one_is_used()
    {
        using ManualResetEventSlim secondIsMade = new();
        int own = Environment.CurrentManagedThreadId;
        List<int> makers = [];
        IEnumerable<int> Source()
        {
            for (int i = 0; i < 3; i++)
            {
                makers.Add(Environment.CurrentManagedThreadId);
                yield return i;
                if (i == 0)
                {
                    secondIsMade.Set(); // the next one is requested
                }
            }
        }

        List<int> seen = [];
        foreach (int element in Source().Prefetched())
        {
            seen.Add(element);
            Assert.True(secondIsMade.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }

        Assert.Equal([0, 1, 2], seen);
        Assert.DoesNotContain(own, makers);
    }

    [Fact]
    public void An_exception_of_the_source_follows_the_elements_made_before_it()
    {
        static IEnumerable<int> Source()
        {
            yield return 1;
            throw new InvalidOperationException("two");
        }

        List<int> seen = [];
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (int element in Source().Prefetched())
            {
                seen.Add(element);
            }
        });

        Assert.Equal(("two", 1), (error.Message, Assert.Single(seen)));
    }

    [Fact]
    public void Leaving_early_ends_the_reading_thread_and_disposes_all_elements()
    {
        List<Made> all = [];
        bool isRunning = false;
        IEnumerable<Made> Source()
        {
            isRunning = true;
            try
            {
                for (int i = 0; i < 1000; i++)
                {
                    all.Add(new());
                    yield return all[^1];
                }
            }
            finally
            {
                isRunning = false;
            }
        }

        foreach (Made made in Source().Prefetched())
        {
            using Made owned = made;
            break;
        }

        Assert.False(isRunning);
        Assert.InRange(all.Count, 1, 10);
        Assert.All(all, made => Assert.True(made.IsDisposed));
    }

    private sealed class Made : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
