using TorchSharp;

namespace Graft.Training.Probe;

/// <summary>
/// Limits libtorch's own threads on the calling thread until it is disposed. For many short operations one thread is
/// best: more wait for each other after every operation, and for long when another program uses a core (measured on two
/// busy cores: eigenvalues of 1,020 x 1,020 in 0.5 s with one thread, 1 to 7 s with two).
/// </summary>
internal readonly struct ThreadLimit : IDisposable
{
    private readonly int _before;

    public ThreadLimit(int threadCount)
    {
        _before = torch.get_num_threads();
        torch.set_num_threads(Math.Min(threadCount, _before));
    }

    public void Dispose() => torch.set_num_threads(_before);
}
