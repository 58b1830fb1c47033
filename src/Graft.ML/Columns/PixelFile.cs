using System.Text;
using Microsoft.ML.Data;

namespace Graft.ML.Columns;

/// <summary>Decoded images as files that Graft reads: binary PPM, which keeps every pixel as it is.</summary>
internal static class PixelFile
{
    private const int Channels = 4;

    /// <summary>The image on a white ground, as Graft shows transparent files.</summary>
    public static byte[] Of(MLImage image)
    {
        byte[] header = Encoding.ASCII.GetBytes($"P6\n{image.Width} {image.Height}\n255\n");
        ReadOnlySpan<byte> pixels = image.Pixels; // rows of four bytes a pixel, colours multiplied by their opacity
        bool isBlueFirst = image.PixelFormat == MLPixelFormat.Bgra32;
        (int red, int blue) = isBlueFirst ? (2, 0) : (0, 2);
        byte[] file = new byte[header.Length + (image.Width * image.Height * 3)];
        header.CopyTo(file, 0);
        for (int from = 0, to = header.Length; to < file.Length; from += Channels, to += 3)
        {
            int white = byte.MaxValue - pixels[from + 3];
            file[to] = (byte)Math.Min(byte.MaxValue, pixels[from + red] + white);
            file[to + 1] = (byte)Math.Min(byte.MaxValue, pixels[from + 1] + white);
            file[to + 2] = (byte)Math.Min(byte.MaxValue, pixels[from + blue] + white);
        }

        return file;
    }
}
