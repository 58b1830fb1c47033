using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Graft.Imaging;

/// <summary>
/// An image reduced to 16 x 16 pixels, with a perceptual hash of them. It survives re-encoding, resizing and mirroring,
/// so it finds near duplicates: <see cref="Hash"/> finds candidates, <see cref="DifferenceTo"/> compares their pixels.
/// </summary>
public sealed class PerceptualHash
{
    /// <summary>Width and height of the reduced image in pixels.</summary>
    public const int Side = 16;

    private const int PixelsKept = 4; // decoded pixels per reduced pixel, along a side
    private const int Frequencies = 8; // per side: the 64 lowest of 256
    private const int LeastVariance = 16; // squared levels of 255; below it only the encoder's noise is left
    private const int GreyLevels = 10; // largest spread of R, G and B of a grey pixel; JPEG moves them by a few
    private static readonly double[] s_cosines =
    [
        .. Enumerable
            .Range(0, Frequencies * Side)
            .Select(i => Math.Cos(Math.PI * (i / Side) * ((i % Side) + 0.5) / Side)),
    ];

    private readonly byte[] _planes; // R, G, B
    private readonly double _variance;

    private PerceptualHash(byte[] planes)
    {
        _planes = planes;
        (Hash, MirroredHash) = HashOf(planes);
        _variance = VarianceOf(planes);
        IsGrey = AreGrey(planes);
    }

    /// <summary>
    /// Signs of the 63 lowest frequencies of the brightness, without the mean. Compare hashes by their Hamming distance
    /// (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010).
    /// </summary>
    public ulong Hash { get; }

    /// <summary><see cref="Hash"/> of the mirrored image.</summary>
    public ulong MirroredHash { get; }

    /// <summary>Whether the image is an even area. Its hash then carries no information.</summary>
    public bool IsBlank => _variance < LeastVariance;

    /// <summary>Whether the image has no colours, apart from those that an encoder adds.</summary>
    public bool IsGrey { get; }

    /// <summary>The reduced image, from which all else follows: planes R, G, B of 16 x 16 bytes.</summary>
    public ReadOnlySpan<byte> Planes => _planes;

    /// <summary>A <see cref="ShrinkRule"/> that decodes an image no larger than its hash needs.</summary>
    /// <param name="width">Width of the upright image in pixels.</param>
    /// <param name="height">Height of the upright image in pixels.</param>
    public static int Shrink(int width, int height) => Math.Max(1, Math.Min(width, height) / (PixelsKept * Side));

    /// <summary>Restores a hash from <see cref="Planes"/>.</summary>
    /// <param name="planes">Planes R, G, B of 16 x 16 bytes.</param>
    /// <exception cref="ArgumentException">The planes have another length.</exception>
    public static PerceptualHash FromPlanes(ReadOnlySpan<byte> planes) =>
        planes.Length == 3 * Side * Side
            ? new(planes.ToArray())
            : throw new ArgumentException($"{planes.Length} bytes are not 3 x {Side} x {Side}.", nameof(planes));

    /// <summary>Computes the hash of a decoded image.</summary>
    /// <param name="image">The image, decoded at full size or with <see cref="Shrink"/>.</param>
    public static PerceptualHash Of(DecodedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] planes = new byte[3 * Side * Side];
        ResampleWeights columns = new(image.Width, 0, (double)image.Width / Side, 0, Side, Interpolation.Bilinear);
        ResampleWeights rows = new(image.Height, 0, (double)image.Height / Side, 0, Side, Interpolation.Bilinear);
        Resampler.Resize(image, columns, rows, isMirrored: false, planes);
        return new(planes);
    }

    /// <summary>
    /// Mean squared difference of two reduced images as a share of their variance: 0 for the same picture, about 2 for
    /// two unrelated pictures, infinity if one is blank.
    /// </summary>
    /// <param name="other">The other image.</param>
    /// <param name="isMirrored">Whether to mirror the other image first.</param>
    public double DifferenceTo(PerceptualHash other, bool isMirrored)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsBlank || other.IsBlank)
        {
            return double.PositiveInfinity;
        }

        return SquaredDistance(_planes, other._planes, isMirrored)
            / (double)_planes.Length
            / ((_variance + other._variance) / 2);
    }

    // One row at a time. It runs a million times for a thousand images, mostly before the runtime would optimise it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long SquaredDistance(byte[] left, byte[] right, bool isMirrored)
    {
        Vector128<byte> reversed = Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        Vector128<int> sum = Vector128<int>.Zero;
        for (int row = 0; row < 3 * Side; row++)
        {
            Vector128<byte> a = Vector128.Create(left, row * Side);
            Vector128<byte> b = Vector128.Create(right, row * Side);
            b = isMirrored ? Vector128.Shuffle(b, reversed) : b;
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

    // Mean variance within a plane. An even red has none: two fields of different even reds are not the same picture.
    // The sums are integers, so their order does not matter.
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

    // Mirroring flips the sign of every odd frequency along a row and of no other.
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
                rows[i] += brightness * s_cosines[(u * Side) + x];
            }
        }

        (ulong hash, ulong mirrored) = (0, 0);
        for (int i = 1; i < Frequencies * Frequencies; i++)
        {
            (int v, int u) = (i / Frequencies, i % Frequencies);
            double value = 0;
            for (int y = 0; y < Side; y++)
            {
                value += rows[(y * Frequencies) + u] * s_cosines[(v * Side) + y];
            }

            hash |= (value > 0 ? 1UL : 0) << i;
            mirrored |= ((u % 2 == 0 ? value : -value) > 0 ? 1UL : 0) << i;
        }

        return (hash, mirrored);
    }
}
