using System.Buffers.Binary;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>Draws the images of self-tests with integers only: every machine draws the same bytes.</summary>
internal static class SelfTestImage
{
    private const int Cells = 8; // a coarse pattern of 8 x 8 cells, because noise alone would not reach the last layers
    private const int NoiseMask = 31; // noise of -16 to 15 is added to it
    private const ulong Key = 0x47726166_74436172; // "GraftCar"

    /// <summary>Returns planes of R, G and B, [3,H,W].</summary>
    /// <param name="preprocessing">Size of the image.</param>
    /// <param name="image">Number of the image, from 0.</param>
    public static byte[] Draw(Preprocessing preprocessing, int image)
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
                Span<byte> row = plane.Slice(y * width, width);
                DrawRow(row, corners, noise.AsSpan(y * width, width), y * Cells * 256 / height);
            }
        }

        return pixels;
    }

    // y counts 1/256 of a cell.
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
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(block * 16), words.Low);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((block * 16) + 8), words.High);
        }

        return bytes;
    }
}
