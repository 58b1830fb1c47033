using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>
/// Bodies whose last map a head may flatten: those that end in pooling over windows. VGG, AlexNet and their like hand
/// on a map in which the place means something, and their own heads flattened it.
/// </summary>
internal static class FlatMap
{
    /// <summary>VGG16's map has 25,088 values.</summary>
    private const long MostValues = 32_768;

    /// <summary>The number of values of the body's last map where it is of that kind; null where it is not.</summary>
    /// <param name="shape">N x what the body ends in.</param>
    public static int? LengthOf(TrainableBody body, long[] shape)
    {
        string? ending = new OnnxGraph(body.Model).ProducerOf(body.Boundary.Edge)?.OpType;
        if (body.Boundary.Kind != FeatureKind.Map || ending is not ("MaxPool" or "AveragePool"))
        {
            return null;
        }

        long length = shape[1] * shape[2] * shape[3];
        return shape[2] * shape[3] > 1 && length <= MostValues ? (int)length : null;
    }
}
