using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Infers the preprocessing of a network that begins with its own normalisation. A chain of Sub, Add, Mul and Div by
/// constants computes a x + b for each channel. The slope a tells whether x is in 0..1 or 0..255, because networks are
/// trained on values near 0 with a deviation near 1.
/// </summary>
internal static class InputTransformInference
{
    // Usual slopes for pixels in 0..1 are 1 (result in 0..1), 2 (result in -1..1) and 1 / 0.229 = 4.4 (ImageNet's).
    private const double LeastSlope = 0.9;
    private const double MostSlope = 6;
    private const double LargestOffset = 10;

    // Caffe subtracts means from pixels in 0..255 and does not divide.
    private const double LeastCaffeMean = 50;

    private const string AssumedOrder = "the order of the colours is assumed to be red, green, blue";

    /// <summary>The preprocessing that brings images to what the network's first nodes expect.</summary>
    /// <returns>
    /// The preprocessing and how it was found; null where the network does not begin with a normalisation.
    /// </returns>
    public static (Preprocessing Preprocessing, string Reason)? Infer(ImportedNetwork network)
    {
        if (network.Input.IsBytes)
        {
            return (
                Plain(network, 1, ChannelOrder.Rgb),
                "it takes bytes, so it normalises pixels in 0..255 by itself" + Colours(network, AssumedOrder)
            );
        }

        if (LeadingAffine(network) is not var (slopes, offsets))
        {
            return null;
        }

        double slope = slopes.Average();
        bool isUnit = slope is >= LeastSlope and <= MostSlope && offsets.All(b => Math.Abs(b) <= LargestOffset);
        bool isByte =
            slope is >= LeastSlope / 255 and <= MostSlope / 255 && offsets.All(b => Math.Abs(b) <= LargestOffset);
        bool isCaffe = Math.Abs(slope - 1) < 0.01 && offsets.All(b => b < -LeastCaffeMean);
        if (!isCaffe && !isUnit && !isByte)
        {
            return null;
        }

        bool takesUnit = isUnit && !isCaffe;
        (ChannelOrder order, string orderReason) = Order(slopes, offsets);
        string range = takesUnit ? "0..1" : "0..255";
        return (
            Plain(network, takesUnit ? 255 : 1, order),
            $"it begins with its own normalisation, of pixels in {range}{Colours(network, orderReason)}"
        );
    }

    private static string Colours(ImportedNetwork network, string reason) =>
        network.Input.IsGrey ? "" : "; " + reason;

    // ImageNet's means fall from red to blue (0.485, 0.456, 0.406; 123.7, 116.8, 103.9), which tells the order.
    private static (ChannelOrder Order, string Reason) Order(double[] slopes, double[] offsets)
    {
        double[] means = [.. offsets.Zip(slopes, (b, a) => -b / a)];
        double step = 0.02 * Math.Abs(means[1]);
        return means[0] > means[1] + step && means[1] > means[2] + step
                ? (ChannelOrder.Rgb, "its means are ImageNet's of red, green, blue")
            : means[0] < means[1] - step && means[1] < means[2] - step
                ? (ChannelOrder.Bgr, "its means are ImageNet's of blue, green, red")
            : (ChannelOrder.Rgb, AssumedOrder);
    }

    private static Preprocessing Plain(ImportedNetwork network, float divisor, ChannelOrder order)
    {
        (int height, int width) = (network.Input.Height, network.Input.Width);
        int crop = Math.Max(height, width);
        Preprocessing plain = PreprocessingPresets.Scaled(PreprocessingPresets.UsualResize(crop), crop, divisor);
        return PreprocessingPresets.ForInput(plain, height, width) with { Order = order };
    }

    // Slope and offset of each channel up to the first node that is neither affine nor a change of type or layout.
    private static (double[] Slopes, double[] Offsets)? LeadingAffine(ImportedNetwork network)
    {
        OnnxGraph graph = new(network.Model);
        // The import begins a grey network with nodes that end in a mean over the channels.
        string edge = network.Input.IsGrey
            ? graph.Nodes.First(node => node.OpType == "ReduceMean").Output[0]
            : graph.Inputs[0].Name;
        double[] slopes = [1, 1, 1];
        double[] offsets = [0, 0, 0];
        int channelAxis = 1;
        bool isAny = false;
        while (graph.ConsumersOf(edge) is [NodeProto node] && node.Output.Count == 1)
        {
            if (node.OpType == "Transpose" && node.GetInts("perm") is { Length: 4 } perm)
            {
                channelAxis = Array.IndexOf(perm, channelAxis);
            }
            else if (
                node.OpType is "Sub" or "Add" or "Mul" or "Div"
                && node.Input.Count == 2
                && Constant(graph, node, edge, channelAxis) is double[] values
            )
            {
                isAny = true;
                for (int c = 0; c < 3; c++)
                {
                    (slopes[c], offsets[c]) = Apply(node.OpType, slopes[c], offsets[c], values[c]);
                }
            }
            else if (node.OpType is not ("Cast" or "Identity"))
            {
                break;
            }

            edge = node.Output[0];
        }

        return isAny && slopes.Concat(offsets).All(double.IsFinite) ? (slopes, offsets) : null;
    }

    private static (double Slope, double Offset) Apply(string operation, double slope, double offset, double value) =>
        operation switch
        {
            "Sub" => (slope, offset - value),
            "Add" => (slope, offset + value),
            "Mul" => (slope * value, offset * value),
            _ => (slope / value, offset / value),
        };

    // The constant's value for each channel; null where the other input is not a constant per channel.
    private static double[]? Constant(OnnxGraph graph, NodeProto node, string edge, int channelAxis)
    {
        bool isSecond = node.Input[0] == edge;
        if (
            (!isSecond && node.OpType is "Sub" or "Div")
            || !graph.Weights.TryGetValue(node.Input[isSecond ? 1 : 0], out TensorProto? weight)
            || !TensorValues.IsFloat(weight)
        )
        {
            return null;
        }

        long count = TensorValues.ElementCount(weight, weight.Name);
        if (count == 1)
        {
            double one = TensorValues.ToSingles(weight)[0];
            return [one, one, one];
        }

        int axisFromEnd = 4 - channelAxis;
        bool isByChannel = count == 3 && weight.Dims.Count >= axisFromEnd && weight.Dims[^axisFromEnd] == 3;
        return isByChannel ? Array.ConvertAll(TensorValues.ToSingles(weight), v => (double)v) : null;
    }
}
