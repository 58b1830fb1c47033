namespace Graft.Imaging;

/// <summary>
/// For each output position along one axis, which input positions it is made of and how much of each, in fixed point.
/// The arithmetic is Pillow's
/// (src/libImaging/Resample.c, precompute_coeffs and normalize_coeffs_8bpc), so that networks trained on its pixels see
/// the same.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>
    /// Weights are multiplied by 2 to this power: 32 bits less 8 of a pixel and 2 for sign and overshoot.
    /// </summary>
    public const int Bits = 32 - 8 - 2;

    private readonly int[] weights;
    private readonly int[] first;
    private readonly int[] count;
    private readonly int stride;

    /// <param name="inputSize">Positions there are.</param>
    /// <param name="from">Where output position 0 begins, in input positions.</param>
    /// <param name="scale">Input positions an output position.</param>
    /// <param name="outputStart">The first output position that is wanted.</param>
    /// <param name="outputCount">How many are wanted.</param>
    /// <param name="interpolation">The filter.</param>
    public ResampleWeights(
        int inputSize,
        double from,
        double scale,
        int outputStart,
        int outputCount,
        Interpolation interpolation
    )
    {
        double widening = Math.Max(scale, 1); // shrinking: the filter covers all pixels that merge
        double support = Support(interpolation) * widening;
        stride = (int)Math.Min(Math.Ceiling(support), inputSize) * 2 + 1;
        weights = new int[stride * outputCount];
        first = new int[outputCount];
        count = new int[outputCount];

        double[] exact = new double[stride];
        for (int i = 0; i < outputCount; i++)
        {
            double centre = from + ((outputStart + i + 0.5) * scale);
            int low = Math.Clamp((int)(centre - support + 0.5), 0, inputSize - 1);
            int high = Math.Clamp((int)(centre + support + 0.5), low + 1, inputSize);
            Fill(exact.AsSpan(0, high - low), low - centre + 0.5, 1 / widening, interpolation);
            Round(exact.AsSpan(0, high - low), weights.AsSpan(i * stride));
            first[i] = low;
            count[i] = high - low;
        }
    }

    /// <summary>The first input position that any output needs.</summary>
    public int First => first[0];

    /// <summary>One past the last input position that any output needs.</summary>
    public int End => first[^1] + count[^1];

    /// <summary>Output positions.</summary>
    public int Length => first.Length;

    /// <summary>The input positions of output <paramref name="i"/> start here.</summary>
    public int Start(int i) => first[i];

    /// <summary>Their weights; they sum to about 2^<see cref="Bits"/>.</summary>
    public ReadOnlySpan<int> Of(int i) => weights.AsSpan(i * stride, count[i]);

    private static void Fill(Span<double> exact, double firstDistance, double perPosition, Interpolation interpolation)
    {
        double sum = 0;
        for (int j = 0; j < exact.Length; j++)
        {
            exact[j] = Filter(interpolation, (firstDistance + j) * perPosition);
            sum += exact[j];
        }

        if (sum == 0) // a box that lies outside the image: its edge is repeated
        {
            exact.Clear();
            exact[0] = sum = 1;
        }

        for (int j = 0; j < exact.Length; j++)
        {
            exact[j] /= sum;
        }
    }

    private static void Round(ReadOnlySpan<double> exact, Span<int> rounded)
    {
        for (int j = 0; j < exact.Length; j++)
        {
            rounded[j] = (int)((exact[j] * (1 << Bits)) + (exact[j] < 0 ? -0.5 : 0.5));
        }
    }

    private static double Support(Interpolation interpolation) =>
        interpolation switch
        {
            Interpolation.Bilinear => 1,
            Interpolation.Bicubic => 2,
            _ => 3,
        };

    private static double Filter(Interpolation interpolation, double x)
    {
        x = Math.Abs(x);
        const double A = -0.5;
        return interpolation switch
        {
            Interpolation.Bilinear => x < 1 ? 1 - x : 0,
            Interpolation.Bicubic when x < 1 => ((((A + 2) * x) - (A + 3)) * x * x) + 1,
            Interpolation.Bicubic => x < 2 ? ((((x - 5) * x) + 8) * x * A) - (4 * A) : 0,
            _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
