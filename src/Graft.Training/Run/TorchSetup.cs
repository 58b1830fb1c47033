using Graft.Torch;
using static TorchSharp.torch;

namespace Graft.Training.Run;

/// <summary>Process-wide settings of libtorch.</summary>
internal static class TorchSetup
{
    /// <summary>
    /// Starts loading libtorch on another thread, where its operators register themselves. Until that has ended, no
    /// other native library can be loaded, and no native function called for the first time. It is cheapest beside the
    /// reading of images, once that has loaded its own libraries. Errors appear where libtorch is used.
    /// </summary>
    public static void BeginLoading() =>
        _ = Task.Run(TorchInstructions.Prepare);

    /// <summary>Number of threads that the option means.</summary>
    /// <param name="threads">0: one per core.</param>
    public static int Threads(int threads) => threads > 0 ? threads : Environment.ProcessorCount;

    /// <summary>Sets the number of libtorch's threads for the process.</summary>
    /// <param name="threads">0: one per core.</param>
    public static void UseThreads(int threads)
    {
        TorchInstructions.Prepare();
        set_num_threads(Threads(threads));
    }

    /// <summary>Sets the number of libtorch's threads for the process until the result is disposed.</summary>
    /// <param name="threads">0: one per core.</param>
    public static IDisposable ChangeThreads(int threads)
    {
        ThreadCount before = new(get_num_threads());
        UseThreads(threads);
        return before;
    }

    private sealed class ThreadCount(int count) : IDisposable
    {
        public void Dispose() => set_num_threads(count);
    }
}
