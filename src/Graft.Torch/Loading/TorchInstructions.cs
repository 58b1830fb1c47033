using System.Runtime.Intrinsics.X86;

namespace Graft.Torch;

/// <summary>The instructions that libtorch may use on this processor.</summary>
/// <remarks>
/// Some virtual machines hide the caches of an AMD processor. oneDNN 3.7, a part of libtorch 2.10, then takes each
/// cache for one byte. Its kernels for AVX-512 and AVX2 divide their work by these sizes: their convolutions are wrong,
/// or divide by zero (docs/torchsharp.md). <see cref="OneDnnCaches"/> corrects the sizes. Where it does not know the
/// build of libtorch, oneDNN is held to AVX, whose kernels do not use them. It reads the limit once, at its first
/// convolution.
/// </remarks>
public static class TorchInstructions
{
    /// <summary>The variable by which oneDNN is told.</summary>
    internal const string Variable = "ONEDNN_MAX_CPU_ISA";

    /// <summary>What it may use.</summary>
    internal const string Limit = "AVX";

    private const int CacheLeaf = unchecked((int)0x8000001D); // AMD's list of caches; type 0 ends it
    private const int LastLeaf = unchecked((int)0x80000000);
    private const int CacheType = 0x1F;

    /// <summary>
    /// True where oneDNN is held to AVX, because this machine hides its caches and their sizes cannot be corrected. The
    /// environment variable ONEDNN_MAX_CPU_ISA, set to another value before the program starts, overrules it.
    /// </summary>
    public static bool IsLimited { get; } =
        HidesCaches
        && Environment.GetEnvironmentVariable(Variable) is var set
        && (set == Limit || (string.IsNullOrEmpty(set) && !OneDnnCaches.AreKnown));

    /// <summary>True where this machine hides its caches, so that oneDNN computes with assumed sizes.</summary>
    public static bool AreCachesAssumed { get; } = HidesCaches && !IsLimited && OneDnnCaches.AreKnown;

    /// <summary>Loads libtorch and corrects what it knows of this processor, before anything computes.</summary>
    /// <exception cref="GraftException">The native library is missing.</exception>
    public static void Prepare() => TorchLibrary.Require();

    /// <summary>True where this machine hides its caches.</summary>
    internal static bool HidesCaches =>
        X86Base.IsSupported
        && X86Base.CpuId(0, 0).Ebx == 0x68747541 // "Auth", the start of AuthenticAMD
        && (
            (uint)X86Base.CpuId(LastLeaf, 0).Eax < unchecked((uint)CacheLeaf)
            || (X86Base.CpuId(CacheLeaf, 0).Eax & CacheType) == 0
        );
}
