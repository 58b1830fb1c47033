using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Graft.Torch;

namespace Graft.Training.Extraction;

/// <summary>What this processor computes fast.</summary>
internal static class Processor
{
    private const int Features = 7; // the leaf of CPUID
    private const int Avx512BFloat16 = 1 << 5; // subleaf 1, EAX
    private const int AmxBFloat16 = 1 << 22; // subleaf 0, EDX
    private const int Avx512Vnni = 1 << 11; // subleaf 0, ECX
    private const int AvxVnni = 1 << 4; // subleaf 1, EAX
    private const string Amd = "AuthenticAMD";

    /// <summary>
    /// True where the processor has instructions that multiply bfloat16 numbers (AVX512-BF16, AMX). Otherwise libtorch
    /// converts each number and is slower than with float32. False where libtorch may not use them.
    /// </summary>
    public static bool HasBFloat16 { get; } =
        !TorchInstructions.IsLimited
        && Avx512F.IsSupported
        && ((X86Base.CpuId(Features, 1).Eax & Avx512BFloat16) != 0 || HasAmx);

    /// <summary>
    /// True where these instructions are known to be faster than those for float32: with AMX, and on AMD from Zen 4 on.
    /// Intel's AVX512-BF16 without AMX has the speed of float32 and the cost of converting (docs/results.md).
    /// </summary>
    public static bool IsBFloat16Fast { get; } = HasBFloat16 && (HasAmx || Vendor() == Amd);

    /// <summary>
    /// True where the processor sums products of bytes in 32 bits (VNNI). Without these instructions the sums overflow
    /// at 16 bits, unless the weights have 7 bits. ARM's have no such limit.
    /// </summary>
    public static bool HasVnni { get; } =
        !X86Base.IsSupported
        || (Avx512F.IsSupported && (X86Base.CpuId(Features, 0).Ecx & Avx512Vnni) != 0)
        || (Avx2.IsSupported && (X86Base.CpuId(Features, 1).Eax & AvxVnni) != 0);

    /// <summary>Bits of a weight in int8 whose sums do not overflow.</summary>
    public static int WeightBits => HasVnni ? 8 : 7;

    /// <summary>The instructions as a part of cache keys. Other ones may round differently.</summary>
    public static string Instructions =>
        $"{RuntimeInformation.ProcessArchitecture} avx512={Avx512F.IsSupported && !TorchInstructions.IsLimited}"
        + $" bf16={HasBFloat16} amx={HasAmx}"
        + (TorchInstructions.IsLimited ? " limit=avx" : "")
        + (TorchInstructions.AreCachesAssumed ? " caches=assumed" : "");

    private static bool HasAmx => X86Base.IsSupported && (X86Base.CpuId(Features, 0).Edx & AmxBFloat16) != 0;

    // Twelve letters in three registers.
    private static string Vendor()
    {
        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([ebx, edx, ecx]));
    }
}
