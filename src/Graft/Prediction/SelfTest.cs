using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// What the network answered to one image when the file was made. A processor or a native library that computes wrongly
/// is noticed on load, before it
/// gives wrong labels. The image is drawn by a formula, so the file need not hold it.
/// </summary>
/// <param name="Image">Which of the generated images, from 0.</param>
/// <param name="PixelsSha256">Of the image's bytes, 64 hexadecimal digits: a program that draws it otherwise
/// notices.</param>
/// <param name="Expected">The probabilities, in the order of the labels.</param>
public sealed record SelfTest(int Image, string PixelsSha256, IReadOnlyList<float> Expected)
{
    /// <summary>
    /// The largest difference between a probability and the expected one. Float32 in another order of operations stays
    /// below 1e-5; wrong code does not.
    /// </summary>
    internal const double Tolerance = 1e-3;

    /// <summary>The number of images that <see cref="Create"/> tries.</summary>
    internal const int CandidateImages = 8;

    private const int Cells = 8; // a coarse pattern of 8 x 8 cells, so that more than noise reaches the last layers
    private const int NoiseMask = 31; // and noise of -16..15 on top
    private const ulong Key = 0x47726166_74436172; // "GraftCar"

    /// <summary>
    /// Records the network's answer to the generated image with the least certain prediction. Where one probability is
    /// nearly 1, even large errors in the network hardly show.
    /// </summary>
    /// <param name="model">Bytes of the classifier's ONNX file, with or without its card.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="preprocessing">Gives the size of the network's input.</param>
    /// <exception cref="OnnxException">ONNX Runtime cannot run the network, or it is not a classifier.</exception>
    public static SelfTest Create(byte[] model, string name, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(preprocessing);
        using ClassifierNetwork network = new(model, name);
        (int Image, float[] Expected) best = Enumerable
            .Range(0, CandidateImages)
            .Select(image => (image, network.Run(Input(preprocessing, image), 1, preprocessing)))
            .MinBy(candidate => candidate.Item2.Max());
        return new(best.Image, Hash(Pixels(preprocessing, best.Image)), best.Expected);
    }

    /// <summary>Runs the network on the image and compares.</summary>
    /// <param name="name">What error messages call the model.</param>
    /// <exception cref="ModelCardException">The answer differs by more than <see cref="Tolerance"/>, or the image
    /// cannot be drawn as it was.</exception>
    internal void Run(Preprocessing preprocessing, ClassifierNetwork network, string name)
    {
        byte[] pixels = Pixels(preprocessing, Image);
        if (!Hash(pixels).Equals(PixelsSha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelCardException(
                name,
                "its self-test was made with another image than this program draws; train or export the model again with this version of Graft"
            );
        }

        float[] probabilities = network.Run(Array.ConvertAll(pixels, pixel => (float)pixel), 1, preprocessing);
        if (probabilities.Length != Expected.Count)
        {
            throw new ModelCardException(
                name,
                $"its card has {Expected.Count:N0} labels and its network {probabilities.Length:N0} outputs; train or export the model again with Graft"
            );
        }

        double difference = Difference(probabilities);
        if (!(difference <= Tolerance))
        {
            throw new ModelCardException(
                name,
                $"its self-test gives other probabilities here than when it was made (difference {difference:0.####}, limit {Tolerance}); "
                    + "the file was changed, or ONNX Runtime computes wrongly on this machine: copy the file again, then try another version of ONNX Runtime"
            );
        }
    }

    /// <summary>The largest difference to the expected probabilities; not a number where one is not.</summary>
    internal double Difference(IReadOnlyList<float> probabilities)
    {
        double largest = 0;
        for (int i = 0; i < Expected.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)probabilities[i] - Expected[i])); // Math.Max hands NaN on
        }

        return largest;
    }

    /// <summary>The image as the network takes it: R, G, B planes of 0..255, [1,3,H,W].</summary>
    internal static float[] Input(Preprocessing preprocessing, int image) =>
        Array.ConvertAll(Pixels(preprocessing, image), pixel => (float)pixel);

    // Whole numbers only: the same bytes on every machine.
    private static byte[] Pixels(Preprocessing preprocessing, int image)
    {
        (int height, int width) = (preprocessing.Height, preprocessing.Width);
        byte[] pixels = new byte[3 * height * width];
        for (int channel = 0; channel < 3; channel++)
        {
            byte[] corners = Bytes((Cells + 1) * (Cells + 1), image, channel, tag: 0);
            byte[] noise = Bytes(height * width, image, channel, tag: 1);
            Span<byte> plane = pixels.AsSpan(channel * height * width, height * width);
            for (int y = 0; y < height; y++)
            {
                DrawRow(
                    plane.Slice(y * width, width),
                    corners,
                    noise.AsSpan(y * width, width),
                    y * Cells * 256 / height
                );
            }
        }

        return pixels;
    }

    // y in 1/256 of a cell.
    private static void DrawRow(Span<byte> row, byte[] corners, ReadOnlySpan<byte> noise, int y)
    {
        (int top, int down) = (y >> 8, y & 255);
        for (int i = 0; i < row.Length; i++)
        {
            int x = i * Cells * 256 / row.Length;
            (int left, int right) = (x >> 8, x & 255);
            int corner = (top * (Cells + 1)) + left;
            int upper = (corners[corner] * (256 - right)) + (corners[corner + 1] * right);
            int lower = (corners[corner + Cells + 1] * (256 - right)) + (corners[corner + Cells + 2] * right);
            int smooth = ((upper * (256 - down)) + (lower * down)) >> 16;
            row[i] = (byte)Math.Clamp(smooth + (noise[i] & NoiseMask) - 16, 0, 255);
        }
    }

    private static byte[] Bytes(int count, int image, int channel, int tag)
    {
        byte[] bytes = new byte[(count + 15) / 16 * 16];
        for (int block = 0; block < bytes.Length / 16; block++)
        {
            CountedRandom.Words words = CountedRandom.Philox(
                new((uint)block, (uint)image, (uint)channel, (uint)tag),
                Key
            );
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(block * 16), words.Low);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((block * 16) + 8), words.High);
        }

        return bytes;
    }

    private static string Hash(byte[] pixels) => Convert.ToHexStringLower(SHA256.HashData(pixels));
}
