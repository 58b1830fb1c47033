using static TorchSharp.torch;

namespace Graft.Training.Tests;

internal static class TensorCount
{
    /// <summary>
    /// The tensors there are, without those that other tests left to the collector: these must not vanish while a test
    /// counts.
    /// </summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
