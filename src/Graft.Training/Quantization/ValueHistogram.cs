using System.Numerics.Tensors;

namespace Graft.Training.Quantization;

/// <summary>
/// Counts the values of an edge. The bins are as wide as a power of two and merge in pairs when a value lies outside,
/// so the result does not depend on the order of the images.
/// </summary>
internal sealed class ValueHistogram
{
    /// <summary>Bins on each side of zero.</summary>
    public const int Side = 4096;

    // Of larger tensors, evenly spread values are counted: their number is odd, so all channels take turns.
    private const int MostCounted = 1 << 16;
    private const int SmallestExponent = -60;

    private readonly long[] _counts = new long[2 * Side];
    private int _exponent = SmallestExponent;

    /// <summary>Smallest value, exactly.</summary>
    public float Low { get; private set; } = float.PositiveInfinity;

    /// <summary>Largest value, exactly.</summary>
    public float High { get; private set; } = float.NegativeInfinity;

    /// <summary>Number of values that are exactly 0. Every range represents them exactly; no bin counts them.</summary>
    public long Zeros { get; private set; }

    /// <summary>
    /// Numbers of other values: bin i holds those from (i - <see cref="Side"/>) x <see cref="Width"/>.
    /// </summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Width of a bin.</summary>
    public double Width => Math.ScaleB(1, _exponent);

    /// <summary>Adds values.</summary>
    /// <returns>False where one is not a finite number.</returns>
    public bool Add(ReadOnlySpan<float> values)
    {
        float low = TensorPrimitives.Min(values); // NaN where a value is NaN
        float high = TensorPrimitives.Max(values);
        if (!float.IsFinite(low) || !float.IsFinite(high))
        {
            return false;
        }

        (Low, High) = (MathF.Min(Low, low), MathF.Max(High, high));
        Widen(Math.Max(MathF.Abs(low), MathF.Abs(high)));
        double perUnit = Math.ScaleB(1, -_exponent);
        int step = ((values.Length - 1) / MostCounted) | 1;
        for (int i = 0; i < values.Length; i += step)
        {
            if (values[i] == 0)
            {
                Zeros++;
            }
            else
            {
                _counts[(int)Math.Floor(values[i] * perUnit) + Side]++;
            }
        }

        return true;
    }

    private void Widen(float most)
    {
        while (most >= Side * Width)
        {
            bool isEmpty = !_counts.AsSpan().ContainsAnyExcept(0L);
            _exponent = isEmpty ? Math.Max(_exponent + 1, (int)Math.Floor(Math.Log2(most / Side))) : _exponent + 1;
            if (!isEmpty)
            {
                MergePairs();
            }
        }
    }

    private void MergePairs()
    {
        long[] merged = new long[_counts.Length];
        for (int i = 0; i < _counts.Length; i++)
        {
            merged[((i - Side) >> 1) + Side] += _counts[i];
        }

        merged.CopyTo(_counts, 0);
    }
}
