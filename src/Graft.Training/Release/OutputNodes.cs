using Graft.Onnx;
using Graft.Prediction;
using Graft.Torch;
using Graft.Training.Metrics;
using static TorchSharp.torch;

namespace Graft.Training.Release;

/// <summary>What follows the logits in an exported file: the calibration, and the softmax or the sigmoids.</summary>
internal static class OutputNodes
{
    private const string TemperatureName = "graft.temperature";
    private const string ScaleName = "graft.scale";
    private const string ShiftName = "graft.shift";
    private const string Scaled = "graft.temperature.output";
    private const string Multiplied = "graft.scale.output";
    private const string Shifted = "graft.shift.output";

    /// <summary>Adds the nodes that make probabilities of the graph's first output.</summary>
    public static void Append(OnnxModel model, Calibration calibration)
    {
        string logits = model.Graph.Output[0].Name;
        switch (calibration)
        {
            case Calibration.OfOneClass:
                Add(model, "Div", Scaled, logits, Number(model, TemperatureName, [calibration.Temperature], []));
                Add(model, "Softmax", ClassifierEdges.Probabilities, Scaled).WithAttribute("axis", 1);
                return;
            case Calibration.OfEachClass { Scaling: PlattScaling scaling }:
                long[] shape = [scaling.Scales.Length];
                Add(model, "Mul", Multiplied, logits, Number(model, ScaleName, scaling.Scales, shape));
                Add(model, "Add", Shifted, Multiplied, Number(model, ShiftName, scaling.Shifts, shape));
                Add(model, "Sigmoid", ClassifierEdges.Probabilities, Shifted);
                return;
            default:
                throw new InvalidOperationException($"no nodes for {calibration}");
        }
    }

    /// <summary>The same in TorchSharp: probabilities [N,C] of logits [N,C].</summary>
    public static Tensor Apply(Tensor logits, Calibration calibration) =>
        calibration is Calibration.OfEachClass { Scaling: PlattScaling scaling }
            ? logits.mul(Singles(scaling.Scales)).Plus(Singles(scaling.Shifts)).sigmoid()
            : logits.DividedBy(calibration.Temperature).softmax(1);

    // [C]
    private static Tensor Singles(double[] values) => AlignedTensor.Of(Array.ConvertAll(values, value => (float)value));

    private static string Number(OnnxModel model, string name, double[] values, long[] shape)
    {
        float[] singles = Array.ConvertAll(values, value => (float)value);
        model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, singles));
        return name;
    }

    private static NodeProto Add(OnnxModel model, string operation, string output, params string[] inputs)
    {
        NodeProto node = new()
        {
            OpType = operation,
            Input = { inputs },
            Output = { output },
        };
        model.Graph.Node.Add(node);
        return node;
    }
}
