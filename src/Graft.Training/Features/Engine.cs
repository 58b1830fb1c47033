using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Graft.Onnx;
using TorchSharp;

namespace Graft.Training.Features;

/// <summary>What computes the frozen layers, and in which arithmetic the others are trained. The finished file is run by ONNX Runtime in float32 whatever it was.</summary>
public enum Engine
{
    /// <summary>Frozen layers by ONNX Runtime in float32, the others by libtorch in float32.</summary>
    OnnxRuntime,

    /// <summary>All layers by libtorch in bfloat16, with sums, trained weights and optimiser in float32: up to twice as fast where the processor has instructions for it.</summary>
    Torch,
}

/// <summary>Chooses an engine by what the processor has, not by timing: the same machine takes the same one every time.</summary>
internal static class EngineChoice
{
    private const int Features = 7;             // the leaf of CPUID
    private const int Avx512BFloat16 = 1 << 5;  // subleaf 1, EAX
    private const int AmxBFloat16 = 1 << 22;    // subleaf 0, EDX

    /// <summary>Whether it multiplies bfloat16 numbers itself (AVX512-BF16, AMX). Where it does not, libtorch converts every one, and is slower than with float32.</summary>
    public static bool HasBFloat16 { get; } = Avx512F.IsSupported && ((X86Base.CpuId(Features, 1).Eax & Avx512BFloat16) != 0 || HasAmx);

    /// <summary>What is taken where nobody says otherwise.</summary>
    public static Engine Default => HasBFloat16 ? Engine.Torch : Engine.OnnxRuntime;

    /// <summary>Part of the key of what it computes: another library or processor may round otherwise.</summary>
    public static string Fingerprint(Engine engine) => engine == Engine.OnnxRuntime
        ? CacheKey.OnnxRuntime
        : $"libtorch {torch.__version__} bfloat16 channels-last on {RuntimeInformation.ProcessArchitecture} avx512={Avx512F.IsSupported} bf16={HasBFloat16} amx={HasAmx}";

    private static bool HasAmx => X86Base.IsSupported && (X86Base.CpuId(Features, 0).Edx & AmxBFloat16) != 0;

    /// <summary>The engine for a prefix: ONNX Runtime where it has an operator that libtorch is not taught.</summary>
    public static Engine For(OnnxModel prefix, Engine asked) =>
        asked == Engine.Torch && new Network.TailSupport(prefix).Untrainable.Any() ? Engine.OnnxRuntime : asked;
}
