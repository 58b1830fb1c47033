using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Graft.Training.Extraction;

/// <summary>
/// A row in 8 bits a value: 256 even steps from the least to the largest value of each channel, so that a channel of
/// small values is kept as well as one of large ones.
/// What a ReLU has set to zero is zero again; the least value need not be zero, because the ends of linear bottlenecks
/// are signed.
/// </summary>
/// <param name="positions">Of a map or of tokens; values lie channel by channel within a position.</param>
internal readonly struct Int8Encoding(int positions, int channels)
{
    /// <summary>
    /// With fewer positions the steps of the channels would take more room than they are worth: the row has one.
    /// </summary>
    private const int FewestPositions = 16;
    private const int Steps = byte.MaxValue;

    private bool IsByChannel => positions >= FewestPositions;

    private int Length => positions * channels;

    private int Groups => IsByChannel ? channels : 1;

    /// <summary>That a row takes: a step and a least value for each channel, then the bytes.</summary>
    public int RowBytes => (2 * Groups * sizeof(float)) + Length;

    /// <param name="values">Finite.</param>
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
            // no step: all are the same, or closer than float32 can tell
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

    // The least value of each channel and, by way of its largest, the step between two bytes.
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
