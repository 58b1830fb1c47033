using Graft.Onnx;
using Graft.Torch;
using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>
/// Chooses an engine by the processor and the network's operators. The same machine with the same libraries always
/// chooses the same one.
/// </summary>
internal static class EngineSelection
{
    /// <summary>The engine for a body: the requested one, or the default of this machine.</summary>
    /// <param name="asked">The requested engine; null: none.</param>
    /// <param name="body">The body.</param>
    /// <param name="cache">Where a measurement of the machine is kept; null: a table by processor decides.</param>
    public static Engine Of(Engine? asked, OnnxModel body, CacheOptions? cache = null) =>
        asked ?? Default(body, cache is null ? Processor.IsBFloat16Fast : BFloat16Choice.Of(cache));

    /// <summary>The default engine for a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="isBFloat16Fast">True where the machine computes faster in bfloat16.</param>
    public static Engine Default(OnnxModel body, bool isBFloat16Fast) =>
        !isBFloat16Fast ? Engine.OnnxRuntime
        : IsDepthwise(body) ? Engine.Mixed
        : Engine.Torch;

    /// <summary>True where the trained layers compute in bfloat16.</summary>
    public static bool TrainsInBFloat16(this Engine engine) => engine is Engine.Torch or Engine.Mixed;

    /// <summary>Library and processor as a part of cache keys. Others may round differently.</summary>
    public static string Fingerprint(Engine engine) =>
        engine switch
        {
            Engine.OnnxRuntime => CacheKey.OnnxRuntime,
            Engine.Int8 => $"int8 {CacheKey.OnnxRuntime} vnni={Processor.HasVnni}",
            _ => $"libtorch {torch.__version__} bfloat16 channels-last on {Processor.Instructions}",
        };

    /// <summary>Libraries and processor of a whole training, whose last layers are libtorch's.</summary>
    public static string TrainingFingerprint(Engine engine) =>
        engine is Engine.Torch or Engine.Mixed
            ? $"{Fingerprint(Engine.Torch)}, {CacheKey.OnnxRuntime}" // it computes the exported model
            : $"{Fingerprint(engine)}, libtorch {torch.__version__} on {Processor.Instructions}";

    /// <summary>True where this machine computes the bits that a fingerprint stands for.</summary>
    public static bool IsHere(string fingerprint) =>
        fingerprint == Fingerprint(Engine.OnnxRuntime) || fingerprint == Fingerprint(Engine.Torch);

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
        asked == Engine.Int8 ? Engine.Int8
        : asked == Engine.Torch && !new Trainability(prefix).UntrainableNodes.Any() ? Engine.Torch
        : Engine.OnnxRuntime;
}
