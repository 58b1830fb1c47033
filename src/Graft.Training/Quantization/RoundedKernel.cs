namespace Graft.Training.Quantization;

/// <summary>The kernel of a convolution in bytes, symmetric about zero with a scale a filter.</summary>
/// <param name="Values">The kernel, row-major.</param>
/// <param name="Scales">The value of one step, [M].</param>
/// <param name="Biases">The bias in steps of the scale times the input's scale, [M].</param>
internal sealed record RoundedKernel(sbyte[] Values, float[] Scales, int[] Biases)
{
    // A bias takes at most half of the range of its 32 bits.
    private const double LargestBias = 1 << 30;

    /// <param name="convolution">The convolution in float32.</param>
    /// <param name="inputScale">Distance of two levels of its input.</param>
    /// <param name="most">Largest value of the kernel: 127, or 63 for 7 bits.</param>
    public static RoundedKernel Of(Convolution convolution, float inputScale, int most)
    {
        sbyte[] values = new sbyte[convolution.Kernel.Length];
        float[] scales = new float[convolution.Filters];
        int[] biases = new int[convolution.Filters];
        int size = convolution.FilterSize;
        for (int m = 0; m < scales.Length; m++)
        {
            ReadOnlySpan<float> filter = convolution.Kernel.AsSpan(m * size, size);
            float largest = System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(filter);
            double needed = Math.Abs((double)convolution.Bias[m]) / inputScale / LargestBias;
            float scale = (float)Math.Max(Math.Abs((double)largest) / most, needed);
            scales[m] = scale > 0 ? scale : 1;
            for (int i = 0; i < size; i++)
            {
                values[(m * size) + i] = (sbyte)Math.Clamp(MathF.Round(filter[i] / scales[m]), -most, most);
            }

            biases[m] = (int)Math.Round((double)convolution.Bias[m] / ((double)scales[m] * inputScale));
        }

        return new(values, scales, biases);
    }
}
