using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Run;

/// <summary>libtorch's process-wide settings, set once a run before the first tensor.</summary>
internal static class TorchSetup
{
    /// <summary>
    /// Loads libtorch on another thread, where its operators enter themselves in tables. Until it is there no other
    /// library, nor any native function for the first time, can be used: it pays
    /// beside the reading of images, when the others have been. Sets nothing; what goes wrong shows when it is used.
    /// </summary>
    public static void BeginLoading() =>
        _ = Task.Run(() => RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle));

    /// <param name="threads">0: one a core.</param>
    public static int Threads(int threads) => threads > 0 ? threads : Environment.ProcessorCount;

    /// <param name="threads">0: one a core.</param>
    public static void UseThreads(int threads) => set_num_threads(Threads(threads));
}
