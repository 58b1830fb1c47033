using static TorchSharp.torch;

namespace Graft.Training.Phases;

/// <summary>libtorch's process-wide settings, set once a run before the first tensor.</summary>
internal static class TorchSetup
{
    /// <param name="threads">0: one a core.</param>
    public static int Threads(int threads) => threads > 0 ? threads : Environment.ProcessorCount;

    /// <param name="threads">0: one a core.</param>
    public static void UseThreads(int threads) => set_num_threads(Threads(threads));
}
