namespace Graft.Training.Weights;

/// <summary>One tensor as a safetensors header describes it.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Begin">Offset of its first byte, counted from the end of the header.</param>
/// <param name="End">Offset behind its last byte, counted from the end of the header.</param>
internal sealed record SafetensorsEntry(string Name, WeightType Type, long[] Shape, long Begin, long End);
