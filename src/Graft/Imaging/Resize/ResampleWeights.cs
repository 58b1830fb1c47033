namespace Graft.Imaging;

/// <summary>
/// Fixed-point weights of the input positions for each output position along one axis. The arithmetic is Pillow's
/// (src/libImaging/Resample.c, precompute_coeffs and normalize_coeffs_8bpc). Most networks were trained on its pixels.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>
    /// Weights are multiplied by 2 to this power: 32 bits minus 8 of a pixel and 2 for sign and overshoot.
    /// </summary>
    public const int Bits = 32 - 8 - 2;

    private readonly int[] _weights;
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly int _stride;

    /// <param name="inputSize">Number of input positions.</param>
    /// <param name="from">Start of output position 0, in input positions.</param>
    /// <param name="scale">Input positions per output position.</param>
    /// <param name="outputStart">First output position to compute.</param>
    /// <param name="outputCount">Number of output positions to compute.</param>
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
        double widening = Math.Max(scale, 1); // when shrinking, the filter covers all pixels that merge
        double support = Support(interpolation) * widening;
        _stride = (int)Math.Min(Math.Ceiling(support), inputSize) * 2 + 1;
        _weights = new int[_stride * outputCount];
        _first = new int[outputCount];
        _count = new int[outputCount];

        double[] exact = new double[_stride];
        for (int i = 0; i < outputCount; i++)
        {
            double centre = from + ((outputStart + i + 0.5) * scale);
            int low = Math.Clamp((int)(centre - support + 0.5), 0, inputSize - 1);
            int high = Math.Clamp((int)(centre + support + 0.5), low + 1, inputSize);
            Fill(exact.AsSpan(0, high - low), low - centre + 0.5, 1 / widening, interpolation);
            Round(exact.AsSpan(0, high - low), _weights.AsSpan(i * _stride));
            _first[i] = low;
            _count[i] = high - low;
        }
    }

    /// <summary>First input position with a weight.</summary>
    public int First => _first[0];

    /// <summary>Position after the last input position with a weight.</summary>
    public int End => _first[^1] + _count[^1];

    /// <summary>Number of output positions.</summary>
    public int Length => _first.Length;

    /// <summary>First input position of output <paramref name="i"/>.</summary>
    public int Start(int i) => _first[i];

    /// <summary>Weights of output <paramref name="i"/>; they sum to about 2^<see cref="Bits"/>.</summary>
    public ReadOnlySpan<int> Of(int i) => _weights.AsSpan(i * _stride, _count[i]);

    private static void Fill(Span<double> exact, double firstDistance, double perPosition, Interpolation interpolation)
    {
        double sum = 0;
        for (int j = 0; j < exact.Length; j++)
        {
            exact[j] = Filter(interpolation, (firstDistance + j) * perPosition);
            sum += exact[j];
        }

        if (sum == 0) // the filter lies outside the image, whose edge is repeated
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
