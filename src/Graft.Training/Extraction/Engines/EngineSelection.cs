using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Graft.Onnx;
using Graft.Torch;
using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>
/// Chooses an engine by the processor's instructions and the network's operators, not by timing: the same machine
/// always chooses the same one.
/// </summary>
internal static class EngineSelection
{
    private const int Features = 7; // the leaf of CPUID
    private const int Avx512BFloat16 = 1 << 5; // subleaf 1, EAX
    private const int AmxBFloat16 = 1 << 22; // subleaf 0, EDX

    /// <summary>
    /// True where the processor multiplies bfloat16 numbers itself (AVX512-BF16, AMX). Otherwise libtorch converts each
    /// number and is slower than with float32.
    /// </summary>
    public static bool HasBFloat16 { get; } =
        Avx512F.IsSupported && ((X86Base.CpuId(Features, 1).Eax & Avx512BFloat16) != 0 || HasAmx);

    /// <summary>The engine for a body: the requested one, or the default of this processor.</summary>
    public static Engine Of(Engine? asked, OnnxModel body) =>
        asked
        ?? (
            !HasBFloat16 ? Engine.OnnxRuntime
            : IsDepthwise(body) ? Engine.Mixed
            : Engine.Torch
        );

    /// <summary>True where the trained layers compute in bfloat16.</summary>
    public static bool TrainsInBFloat16(this Engine engine) => engine is Engine.Torch or Engine.Mixed;

    /// <summary>Library and processor as a part of cache keys. Others may round differently.</summary>
    public static string Fingerprint(Engine engine) =>
        engine == Engine.OnnxRuntime
            ? CacheKey.OnnxRuntime
            : $"libtorch {torch.__version__} bfloat16 channels-last on {RuntimeInformation.ProcessArchitecture}"
                + $" avx512={Avx512F.IsSupported} bf16={HasBFloat16} amx={HasAmx}";

    /// <summary>
    /// True where most layers, apart from 1 x 1 convolutions, are depthwise. Such a network reads and writes more than
    /// it multiplies; ONNX Runtime was measured 1.0 to 1.6 times as fast (docs/results.md).
    /// </summary>
    public static bool IsDepthwise(OnnxModel body)
    {
        Dictionary<string, TensorProto> weights = body.Graph.Initializer.ToDictionary(weight => weight.Name);
        int depthwise = 0,
            others = 0;
        foreach (NodeProto node in body.Graph.Node.Where(node => node.OpType is "Conv" or "Gemm" or "MatMul"))
        {
            long[] shape = weights.TryGetValue(node.Input[1], out TensorProto? weight) ? [.. weight.Dims] : [];
            bool isConvolution = node.OpType == "Conv";
            if (isConvolution && shape.Skip(2).All(side => side == 1))
            {
                continue;
            }

            bool isDepthwise = isConvolution && shape[1] == 1 && node.GetInt("group", 1) > 1;
            (depthwise, others) = isDepthwise ? (depthwise + 1, others) : (depthwise, others + 1);
        }

        return depthwise > others;
    }

    /// <summary>
    /// The library that computes a prefix. ONNX Runtime also takes the networks with an operator that Graft.Torch
    /// lacks.
    /// </summary>
    public static Engine For(OnnxModel prefix, Engine asked) =>
        asked == Engine.Torch && !new Trainability(prefix).UntrainableNodes.Any() ? Engine.Torch : Engine.OnnxRuntime;

    private static bool HasAmx => X86Base.IsSupported && (X86Base.CpuId(Features, 0).Edx & AmxBFloat16) != 0;
}
