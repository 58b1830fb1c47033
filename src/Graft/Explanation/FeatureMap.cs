using Graft.Onnx;

namespace Graft.Explanation;

/// <summary>The values of one feature map of one image.</summary>
/// <param name="Channels">Number of channels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Values">Row-major, [C,H,W].</param>
internal sealed record FeatureMap(int Channels, int Height, int Width, float[] Values)
{
    /// <summary>Positions of one channel.</summary>
    public int Area => Height * Width;

    /// <summary>The map in an output of a network; null if the output is none, or has one place only.</summary>
    public static FeatureMap? Of(OnnxOutput output) =>
        output is { Singles: not null, Shape: [1, > 0, > 0, > 0] shape } && shape[2] * shape[3] > 1
            ? new((int)shape[1], (int)shape[2], (int)shape[3], output.Singles)
            : null;

    /// <summary>What the head makes of the map: [C], or [C*H*W] for <see cref="LeafKind.Flat"/>.</summary>
    public double[] Read(LeafKind kind) =>
        kind == LeafKind.Flat
            ? Array.ConvertAll(Values, value => (double)value)
            : [.. Enumerable.Range(0, Channels).Select(channel => Read(channel, kind))];

    /// <summary>
    /// What each position adds to a score: its values times the score's gradient along them, summed over the channels.
    /// </summary>
    /// <param name="gradient">Gradient of the score along what <see cref="Read(LeafKind)"/> returned.</param>
    /// <param name="kind">How the head reads the map.</param>
    /// <returns>Row-major, [H,W].</returns>
    public double[] Contributions(double[] gradient, LeafKind kind)
    {
        double[] sum = new double[Area];
        for (int channel = 0; channel < Channels; channel++)
        {
            ReadOnlySpan<float> plane = Plane(channel);
            if (kind == LeafKind.Largest)
            {
                int largest = IndexOfLargest(plane);
                sum[largest] += gradient[channel] * plane[largest];
                continue;
            }

            for (int i = 0; i < plane.Length; i++)
            {
                double slope = kind == LeafKind.Flat ? gradient[(channel * Area) + i] : gradient[channel] / Area;
                sum[i] += slope * plane[i];
            }
        }

        return sum;
    }

    private ReadOnlySpan<float> Plane(int channel) => Values.AsSpan(channel * Area, Area);

    private double Read(int channel, LeafKind kind)
    {
        ReadOnlySpan<float> plane = Plane(channel);
        if (kind == LeafKind.Largest)
        {
            return plane[IndexOfLargest(plane)];
        }

        double sum = 0;
        foreach (float value in plane)
        {
            sum += value;
        }

        return sum / Area;
    }

    private static int IndexOfLargest(ReadOnlySpan<float> plane)
    {
        int largest = 0;
        for (int i = 1; i < plane.Length; i++)
        {
            largest = plane[i] > plane[largest] ? i : largest;
        }

        return largest;
    }
}
