using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Graft.Training.Probe;

/// <summary>
/// Threads that share work until this object is disposed, each with one thread of libtorch. Products this thin gain
/// little from libtorch's own threads, and lose everything when another program uses a core (measured: 20 s instead of
/// 1 s). The threads stay the same, because MKL keeps buffers for every thread that it has seen.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly int _torchThreads = torch.get_num_threads();
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _begin = new(0);
    private readonly SemaphoreSlim _end = new(0);
    private Action<int>? _work;
    private ExceptionDispatchInfo? _failure;
    private int _count;
    private int _next;

    /// <param name="most">Largest number of threads; libtorch's number is another limit.</param>
    public WorkerThreads(int most = int.MaxValue)
    {
        int count = Math.Min(most, _torchThreads);
        _threads =
            count == 1 ? [] : [.. Enumerable.Range(0, count).Select(_ => new Thread(Live) { IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>
    /// Calls <paramref name="work"/> with 0 to <paramref name="count"/> - 1 in parallel. The first exception is
    /// rethrown unchanged.
    /// </summary>
    public void Run(int count, Action<int> work)
    {
        if (_threads.Length == 0 || count == 1)
        {
            using ThreadLimit one = new(1);
            for (int i = 0; i < count; i++)
            {
                work(i);
            }

            return;
        }

        (_work, _failure, _count, _next) = (work, null, count, -1);
        _begin.Release(_threads.Length);
        Array.ForEach(_threads, _ => _end.Wait());
        _failure?.Throw();
    }

    public void Dispose()
    {
        _work = null;
        if (_threads.Length > 0)
        {
            _begin.Release(_threads.Length);
            Array.ForEach(_threads, thread => thread.Join());
        }

        // this also restores the default for new threads, which these threads have changed
        torch.set_num_threads(_torchThreads);
        _begin.Dispose();
        _end.Dispose();
    }

    // A thread may come twice and another not at all: the items are counted, not the threads.
    private void Live()
    {
        torch.set_num_threads(1);
        for (_begin.Wait(); _work is { } work; _begin.Wait())
        {
            try
            {
                for (
                    int i = Interlocked.Increment(ref _next);
                    i < _count && _failure is null;
                    i = Interlocked.Increment(ref _next)
                )
                {
                    work(i);
                }
            }
            catch (Exception error) // rethrown by the caller's thread
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            }

            _end.Release();
        }
    }
}
