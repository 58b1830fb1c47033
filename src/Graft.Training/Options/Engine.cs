namespace Graft.Training;

/// <summary>
/// Library that computes the frozen layers, and precision in which the other layers are trained. The finished model
/// always runs in ONNX Runtime in float32.
/// </summary>
public enum Engine
{
    /// <summary>Frozen layers in ONNX Runtime in float32, the others in libtorch in float32.</summary>
    OnnxRuntime,

    /// <summary>
    /// All layers in libtorch in bfloat16, with sums, trained weights and optimiser in float32. Up to twice as fast
    /// where the processor has bfloat16 instructions.
    /// </summary>
    Torch,

    /// <summary>
    /// Frozen layers as with <see cref="OnnxRuntime"/>, the others as with <see cref="Torch"/>. For networks of
    /// depthwise convolutions: bfloat16 makes their frozen layers less exact and no faster.
    /// </summary>
    Mixed,

    /// <summary>
    /// Frozen layers in ONNX Runtime in int8, the others as with <see cref="OnnxRuntime"/>. For bodies of convolutions
    /// on processors with VNNI instructions; the frozen layers are less exact.
    /// </summary>
#pragma warning disable CA1720 // the field's name of the format
    Int8,
#pragma warning restore CA1720
}
