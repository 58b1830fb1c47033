namespace Graft.Training.Quantization;

/// <summary>Chooses the range of an edge from its histogram.</summary>
internal static class RangeSearch
{
    // The share of the values that is clipped on each side.
    private const double Clipped = 1e-4;

    // The tried ranges are these shares of the whole one.
    private const int Tries = 40;
    private const double Smallest = 0.2;
    private const int Levels = 256;

    /// <summary>The range by a method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The method is unknown.</exception>
    public static ValueRange Of(ValueHistogram values, CalibrationMethod method) =>
        method switch
        {
            CalibrationMethod.MinMax => ValueRange.Of(values.Low, values.High),
            CalibrationMethod.Percentile => Percentile(values),
            CalibrationMethod.Entropy => Best(values, Divergence),
            CalibrationMethod.SquaredError => Best(values, SquaredError),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "unknown method"),
        };

    private static ValueRange Percentile(ValueHistogram values)
    {
        ReadOnlySpan<long> counts = values.Counts;
        long total = values.Zeros;
        foreach (long count in counts)
        {
            total += count;
        }

        double most = total * Clipped;
        (int first, int last) = (0, counts.Length - 1);
        for (long below = counts[first]; below <= most && first < last; below += counts[first])
        {
            first++;
        }

        for (long above = counts[last]; above <= most && last > first; above += counts[last])
        {
            last--;
        }

        double low = Math.Max(values.Low, (first - ValueHistogram.Side) * values.Width);
        double high = Math.Min(values.High, (last + 1 - ValueHistogram.Side) * values.Width);
        return ValueRange.Of((float)low, (float)high);
    }

    private static ValueRange Best(ValueHistogram values, Func<ValueHistogram, ValueRange, double> cost)
    {
        ValueRange whole = ValueRange.Of(values.Low, values.High);
        (ValueRange Range, double Cost) best = (whole, double.PositiveInfinity);
        for (int i = 0; i < Tries; i++)
        {
            float share = (float)(1 - (i * (1 - Smallest) / (Tries - 1)));
            ValueRange range = new(whole.Low * share, whole.High * share);
            double found = cost(values, range);
            best = found < best.Cost ? (range, found) : best;
        }

        return best.Range;
    }

    // Rounding to levels of distance s has the mean squared error s^2 / 12; clipped values lie outside by more.
    private static double SquaredError(ValueHistogram values, ValueRange range)
    {
        ReadOnlySpan<long> counts = values.Counts;
        double rounding = range.Scale * (double)range.Scale / 12;
        double sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double value = (i - ValueHistogram.Side + 0.5) * values.Width;
            double outside = Math.Max(Math.Max(range.Low - value, value - range.High), 0);
            sum += counts[i] == 0 ? 0 : counts[i] * (rounding + (outside * outside));
        }

        return sum;
    }

    // The divergence of the rounded distribution from the true one, whose clipped values lie at the ends (Migacz,
    // "8-bit inference with TensorRT", GTC 2017).
    private static double Divergence(ValueHistogram values, ValueRange range)
    {
        ReadOnlySpan<long> counts = values.Counts;
        int first = BinOf(range.Low, values.Width);
        int length = Math.Max(1, BinOf(range.High, values.Width) - first + 1);
        double[] truth = new double[length];
        double total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            truth[Math.Clamp(i - first, 0, length - 1)] += counts[i];
            total += counts[i];
        }

        double[] rounded = Rounded(counts.Slice(first, length));
        double inside = Math.Max(rounded.Sum(), 1);
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            if (truth[i] > 0)
            {
                double share = truth[i] / total;
                sum += share * Math.Log(share / Math.Max(rounded[i] / inside, 1e-9));
            }
        }

        return sum;
    }

    // Each level's values, evenly over those of its bins that are not empty.
    private static double[] Rounded(ReadOnlySpan<long> counts)
    {
        double[] rounded = new double[counts.Length];
        for (int level = 0; level < Levels; level++)
        {
            int start = (int)((long)level * counts.Length / Levels);
            int end = (int)((long)(level + 1) * counts.Length / Levels);
            (long sum, int used) = (0, 0);
            for (int i = start; i < end; i++)
            {
                sum += counts[i];
                used += counts[i] > 0 ? 1 : 0;
            }

            for (int i = start; i < end; i++)
            {
                rounded[i] = counts[i] > 0 ? (double)sum / used : 0;
            }
        }

        return rounded;
    }

    private static int BinOf(float value, double width) =>
        Math.Clamp((int)Math.Floor(value / width) + ValueHistogram.Side, 0, (2 * ValueHistogram.Side) - 1);
}
