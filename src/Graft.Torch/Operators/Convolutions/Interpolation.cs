namespace Graft.Torch.Operators;

/// <summary>Resize of one axis. Start and End, 0 to 1, bound the part that tf_crop_and_resize uses.</summary>
internal readonly record struct AxisScale(int Axis, long Input, long Output, double Scale, double Start, double End);

/// <summary>
/// Interpolation of Resize between two positions (ONNX operator specification, Resize, and its reference
/// implementation).
/// </summary>
internal sealed record Interpolation(
    string Mode,
    string Coordinates,
    string NearestMode,
    double CubicA,
    bool ExcludesOutside,
    bool IsAntialiased
)
{
    /// <summary>Returns the weights [output,input], and which output positions lie outside the input.</summary>
    public (float[] Weights, bool[] IsOutside) Weights(AxisScale axis)
    {
        float[] weights = new float[axis.Output * axis.Input];
        bool[] isOutside = new bool[axis.Output];
        for (long i = 0; i < axis.Output; i++)
        {
            double at = Source(axis, i);
            isOutside[i] = at < 0 || at > axis.Input - 1;
            // the fraction lies in (0, 1]: a position that is hit exactly counts as the right neighbour
            long before = (long)Math.Ceiling(at) - 1;
            (long first, double[] coefficients) = Coefficients(at - before, Math.Min(axis.Scale, 1));
            Add(weights.AsSpan((int)(i * axis.Input), (int)axis.Input), before + first, coefficients);
        }

        return (weights, isOutside);
    }

    private void Add(Span<float> row, long first, double[] coefficients)
    {
        double sum = 1;
        if (ExcludesOutside)
        {
            sum = 0;
            for (int k = 0; k < coefficients.Length; k++)
            {
                coefficients[k] = first + k < 0 || first + k >= row.Length ? 0 : coefficients[k];
                sum += coefficients[k];
            }
        }

        for (int k = 0; k < coefficients.Length; k++)
        {
            row[(int)Math.Clamp(first + k, 0, row.Length - 1)] += (float)(coefficients[k] / sum);
        }
    }

    private double Source(AxisScale axis, long at)
    {
        double output = axis.Scale * axis.Input; // may have a fraction, which axis.Output drops
        double half = ((at + 0.5) / axis.Scale) - 0.5;
        switch (Coordinates)
        {
            case "align_corners":
                return output == 1 ? 0 : at * (axis.Input - 1) / (output - 1);
            case "asymmetric":
                return at / axis.Scale;
            case "tf_half_pixel_for_nn":
                return (at + 0.5) / axis.Scale;
            case "pytorch_half_pixel":
                return output == 1 ? -0.5 : half;
            case "half_pixel_symmetric":
                return (axis.Input / 2.0 * (1 - (axis.Output / output))) + half;
            case "tf_crop_and_resize":
                double part = axis.End - axis.Start;
                return (axis.Start * (axis.Input - 1))
                    + (
                        axis.Output == 1
                            ? part * (axis.Input - 1) / 2
                            : at * part * (axis.Input - 1) / (axis.Output - 1)
                    );
            default:
                return half;
        }
    }

    /// <summary>
    /// Returns the weights of the neighbours from position <c>First</c> on, relative to the position before the
    /// fraction.
    /// </summary>
    private (long First, double[] Weights) Coefficients(double ratio, double scale)
    {
        if (Mode == "nearest")
        {
            bool takesRight =
                ratio == 1
                || NearestMode switch
                {
                    "floor" => false,
                    "ceil" => true,
                    "round_prefer_ceil" => ratio >= 0.5,
                    _ => ratio > 0.5,
                };
            return (0, takesRight ? [0, 1] : [1, 0]);
        }

        double reach = Mode == "linear" ? 1 : 2;
        scale = IsAntialiased ? scale : 1; // antialiasing widens the filter when the image shrinks
        long first = (long)Math.Floor(-reach / scale) + 1;
        double[] weights = new double[2 - (2 * first)];
        for (int i = 0; i < weights.Length; i++)
        {
            double distance = Math.Abs(scale * (first + i - ratio));
            weights[i] = Mode == "linear" ? Math.Max(1 - distance, 0) : Cubic(distance);
        }

        double sum = weights.Sum();
        return (first, Array.ConvertAll(weights, weight => weight / sum));
    }

    // Keys 1981, "Cubic convolution interpolation for digital image processing", equation 4 with a free.
    private double Cubic(double x) =>
        x <= 1 ? ((((CubicA + 2) * x) - (CubicA + 3)) * x * x) + 1
        : x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * CubicA
        : 0;
}
