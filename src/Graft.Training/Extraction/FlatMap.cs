using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>
/// Finds bodies whose last map a head may flatten: those that end in pooling over windows, such as VGG and AlexNet. In
/// their maps the position has a meaning, and their own heads flattened it.
/// </summary>
internal static class FlatMap
{
    /// <summary>Largest map that is flattened. VGG16's has 25,088 values.</summary>
    private const long MostValues = 32_768;

    /// <summary>Number of values of the body's last map; null where it is not to be flattened.</summary>
    /// <param name="shape">Shape of the body's output with the batch dimension, [N,C,H,W].</param>
    public static int? LengthOf(TrainableBody body, long[] shape)
    {
        string? ending = new OnnxGraph(body.Model).ProducerOf(body.Boundary.Edge)?.OpType;
        if (body.IsJoined || body.Boundary.Kind != FeatureKind.Map || ending is not ("MaxPool" or "AveragePool"))
        {
            return null;
        }

        long length = shape[1] * shape[2] * shape[3];
        return shape[2] * shape[3] > 1 && length <= MostValues ? (int)length : null;
    }
}
