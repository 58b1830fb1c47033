using TorchSharp;

namespace Graft.Training.Probe;

/// <summary>
/// Until it is disposed libtorch works on this thread with that many threads of its own. For many short operations one
/// is best: the threads wait for each
/// other after every one, and wait for long when another program holds a core (measured on two busy cores: eigenvalues
/// of 1,020 x 1,020 in 0.5 s by one thread, in 1 to 7 s by two).
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
