using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Graft.Imaging;

/// <summary>
/// An image reduced to 16 x 16 pixels, and a perceptual hash of these: what is left of it when it is encoded again,
/// resized or mirrored. Two sketches are compared
/// pixel by pixel; the hash says which are worth comparing.
/// </summary>
public sealed class PerceptualHash
{
    /// <summary>Of the reduced image, in pixels.</summary>
    public const int Side = 16;

    private const int PixelsKept = 4; // of an image, along a side, for one of the sketch
    private const int Frequencies = 8; // along a side: 64 of the 256 there are, the lowest
    private const int LeastVariance = 16; // levels of 255, squared: below it nothing is seen but what the encoder left
    private const int GreyLevels = 10; // how far apart R, G and B of a grey pixel may lie; JPEG moves them by a few
    private static readonly double[] Cosines =
    [
        .. Enumerable
            .Range(0, Frequencies * Side)
            .Select(i => Math.Cos(Math.PI * (i / Side) * ((i % Side) + 0.5) / Side)),
    ];

    private readonly byte[] planes; // R, G, B
    private readonly double variance;

    private PerceptualHash(byte[] planes)
    {
        this.planes = planes;
        (Hash, MirroredHash) = HashOf(planes);
        variance = VarianceOf(planes);
        IsGrey = AreGrey(planes);
    }

    /// <summary>
    /// The signs of the 63 lowest frequencies of the brightness, the mean excepted (Zauner, "Implementation and
    /// Benchmarking of Perceptual Image Hash Functions", 2010).
    /// </summary>
    public ulong Hash { get; }

    /// <summary>The hash that the mirrored image has.</summary>
    public ulong MirroredHash { get; }

    /// <summary>An even area: its sketch says nothing.</summary>
    public bool IsBlank => variance < LeastVariance;

    /// <summary>No colours, or only those that an encoder makes.</summary>
    public bool IsGrey { get; }

    /// <summary>How many times smaller an image may be decoded for its sketch.</summary>
    public static int Shrink(int width, int height) => Math.Max(1, Math.Min(width, height) / (PixelsKept * Side));

    /// <summary>R, G, B, row by row: 3 x 16 x 16 bytes, all that a sketch is made of.</summary>
    public ReadOnlySpan<byte> Planes => planes;

    /// <summary>The sketch of <see cref="Planes"/>.</summary>
    public static PerceptualHash FromPlanes(ReadOnlySpan<byte> planes) => new(planes.ToArray());

    public static PerceptualHash Of(DecodedImage image)
    {
        byte[] planes = new byte[3 * Side * Side];
        ResampleWeights columns = new(image.Width, 0, (double)image.Width / Side, 0, Side, Interpolation.Bilinear);
        ResampleWeights rows = new(image.Height, 0, (double)image.Height / Side, 0, Side, Interpolation.Bilinear);
        Resampler.Resize(image, columns, rows, isMirrored: false, planes);
        return new(planes);
    }

    /// <summary>
    /// The mean squared difference of two sketches as a share of their variance: 0 for the same picture, about 2 for
    /// two that have nothing in common.
    /// </summary>
    /// <param name="isMirrored">Whether the other one is mirrored first.</param>
    public double DifferenceTo(PerceptualHash other, bool isMirrored)
    {
        if (IsBlank || other.IsBlank)
        {
            return double.PositiveInfinity;
        }

        return SquaredDistance(planes, other.planes, isMirrored)
            / (double)planes.Length
            / ((variance + other.variance) / 2);
    }

    // A row at a time. Called a million times for a thousand images, mostly before the runtime would come to optimise
    // it by itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long SquaredDistance(byte[] left, byte[] right, bool isMirrored)
    {
        Vector128<byte> order = Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        Vector128<int> sum = Vector128<int>.Zero;
        for (int row = 0; row < 3 * Side; row++)
        {
            Vector128<byte> a = Vector128.Create(left, row * Side),
                b = Vector128.Create(right, row * Side);
            b = isMirrored ? Vector128.Shuffle(b, order) : b;
            Vector128<byte> difference = Vector128.Max(a, b) - Vector128.Min(a, b);
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(difference);
            (Vector128<uint> sum1, Vector128<uint> sum2) = Vector128.Widen(low * low); // 255 squared fits
            (Vector128<uint> sum3, Vector128<uint> sum4) = Vector128.Widen(high * high);
            sum += (sum1 + sum2 + sum3 + sum4).AsInt32();
        }

        return Vector128.Sum(sum);
    }

    private static bool AreGrey(byte[] planes)
    {
        for (int i = 0; i < Side * Side; i++)
        {
            (byte red, byte green, byte blue) = (planes[i], planes[i + (Side * Side)], planes[i + (2 * Side * Side)]);
            if (Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) > GreyLevels)
            {
                return false;
            }
        }

        return true;
    }

    // Within each plane: an even red has none, and two fields of even reds are not the same picture. Whole numbers: the
    // same sum in any order.
    private static double VarianceOf(byte[] planes)
    {
        const double Count = Side * Side;
        double total = 0;
        for (int plane = 0; plane < 3; plane++)
        {
            (int sum, int squares) = (0, 0);
            foreach (byte value in planes.AsSpan(plane * Side * Side, Side * Side))
            {
                sum += value;
                squares += value * value;
            }

            total += (squares - (sum * (double)sum / Count)) / Count;
        }

        return total / 3;
    }

    // Mirroring turns the sign of every odd frequency along a row, and of no other.
    private static (ulong Hash, ulong Mirrored) HashOf(byte[] planes)
    {
        double[] rows = new double[Side * Frequencies];
        for (int i = 0; i < rows.Length; i++)
        {
            (int y, int u) = (i / Frequencies, i % Frequencies);
            for (int x = 0; x < Side; x++)
            {
                int at = (y * Side) + x;
                int brightness =
                    (299 * planes[at]) + (587 * planes[at + (Side * Side)]) + (114 * planes[at + (2 * Side * Side)]);
                rows[i] += brightness * Cosines[(u * Side) + x];
            }
        }

        (ulong hash, ulong mirrored) = (0, 0);
        for (int i = 1; i < Frequencies * Frequencies; i++)
        {
            (int v, int u) = (i / Frequencies, i % Frequencies);
            double value = 0;
            for (int y = 0; y < Side; y++)
            {
                value += rows[(y * Frequencies) + u] * Cosines[(v * Side) + y];
            }

            hash |= (value > 0 ? 1UL : 0) << i;
            mirrored |= ((u % 2 == 0 ? value : -value) > 0 ? 1UL : 0) << i;
        }

        return (hash, mirrored);
    }
}
