using Graft.Conformance;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

internal static class FilledNetwork
{
    /// <summary>Fills all weights with the values of <see cref="FillingRule"/>.</summary>
    public static OnnxModel Filled(this BuiltNetwork built)
    {
        foreach (TensorProto weight in built.Parameters)
        {
            WeightValues.Assign(weight, FillingRule.Weight(weight.Name, weight.Dims));
        }

        return built.Model;
    }
}
