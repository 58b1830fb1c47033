namespace Graft.Prediction;

#pragma warning disable CA1720 // the field's names of the formats
/// <summary>The numbers that a model file computes with.</summary>
public enum ModelPrecision
{
    /// <summary>32-bit floating-point numbers. Training writes such files.</summary>
    Float32,

    /// <summary>Weights as 16-bit floating-point numbers; ONNX Runtime computes in 32 bits on processors.</summary>
    Float16,

    /// <summary>8-bit integers, apart from the normalisation and the last layer.</summary>
    Int8,
}
