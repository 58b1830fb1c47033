using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// Stores a row with 8 bits for each value: 256 even steps between the smallest and the largest value of each channel,
/// so channels of small values keep their precision. Zeros of a ReLU stay zero. The smallest value may be negative, as
/// at the ends of linear bottlenecks.
/// </summary>
/// <param name="positions">Number of positions of a map, or of tokens. A position's channels lie together.</param>
internal readonly struct Int8Encoding(int positions, int channels)
{
    /// <summary>
    /// With fewer positions, a step for each channel would take too much room, and the whole row has one.
    /// </summary>
    private const int FewestPositions = 16;
    private const int Steps = byte.MaxValue;

    private bool IsByChannel => positions >= FewestPositions;

    private int Length => positions * channels;

    private int Groups => IsByChannel ? channels : 1;

    /// <summary>Size of a row in bytes: a step and a smallest value for each channel, then the values.</summary>
    public int RowBytes => (2 * Groups * sizeof(float)) + Length;

    /// <param name="values">Finite values.</param>
    public void Write(ReadOnlySpan<float> values, Span<byte> target)
    {
        Span<float> header = MemoryMarshal.Cast<byte, float>(target[..(2 * Groups * sizeof(float))]);
        Span<float> steps = header[..Groups];
        Span<float> least = header[Groups..];
        Span<byte> bytes = target[^Length..];
        Measure(values, steps, least);
        for (int i = 0; i < values.Length; i++)
        {
            int group = IsByChannel ? i % channels : 0;
            // step 0: all values are equal, or too close for float32
            float place = steps[group] == 0 ? 0 : (values[i] - least[group]) / steps[group];
            bytes[i] = (byte)Math.Clamp(MathF.Round(place), 0, Steps);
        }
    }

    public void Read(ReadOnlySpan<byte> row, Span<float> values)
    {
        ReadOnlySpan<float> header = MemoryMarshal.Cast<byte, float>(row[..(2 * Groups * sizeof(float))]);
        ReadOnlySpan<float> steps = header[..Groups];
        ReadOnlySpan<float> least = header[Groups..];
        TensorPrimitives.ConvertTruncating(row[^Length..], values);
        if (!IsByChannel)
        {
            TensorPrimitives.Multiply(values, steps[0], values);
            TensorPrimitives.Add(values, least[0], values);
            return;
        }

        for (int p = 0; p < positions; p++)
        {
            Span<float> position = values.Slice(p * channels, channels);
            TensorPrimitives.MultiplyAdd(position, steps, least, position);
        }
    }

    // The smallest value of each channel, and the step between two byte values.
    private void Measure(ReadOnlySpan<float> values, Span<float> steps, Span<float> least)
    {
        if (IsByChannel)
        {
            values[..channels].CopyTo(least);
            values[..channels].CopyTo(steps);
            for (int p = 1; p < positions; p++)
            {
                ReadOnlySpan<float> position = values.Slice(p * channels, channels);
                TensorPrimitives.Min(least, position, least);
                TensorPrimitives.Max(steps, position, steps);
            }
        }
        else
        {
            (least[0], steps[0]) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        }

        for (int g = 0; g < steps.Length; g++)
        {
            steps[g] = (float)(((double)steps[g] - least[g]) / Steps);
        }
    }
}
