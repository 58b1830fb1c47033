namespace Graft.Training;

/// <summary>
/// What computes the frozen layers, and in which arithmetic the others are trained. The finished file is run by ONNX
/// Runtime in float32 whatever it was.
/// </summary>
public enum Engine
{
    /// <summary>Frozen layers by ONNX Runtime in float32, the others by libtorch in float32.</summary>
    OnnxRuntime,

    /// <summary>
    /// All layers by libtorch in bfloat16, with sums, trained weights and optimiser in float32: up to twice as fast
    /// where the processor has instructions for it.
    /// </summary>
    Torch,

    /// <summary>
    /// Frozen layers as <see cref="OnnxRuntime"/>, the others as <see cref="Torch"/>: for networks of depthwise
    /// convolutions, whose frozen layers gain no speed from bfloat16 and lose by its rounding.
    /// </summary>
    Mixed,
}
