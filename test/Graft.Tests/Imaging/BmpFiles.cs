using System.Buffers.Binary;

namespace Graft.Tests.Imaging;

/// <summary>Writes BMP files byte by byte, as the format's description defines them.</summary>
internal static class BmpFiles
{
    /// <summary>Makes a file with BITMAPINFOHEADER or a longer header.</summary>
    /// <param name="extra">Bytes after the first 40 of the header: masks, a palette.</param>
    public static byte[] Write(
        int width,
        int height,
        int bits,
        int compression,
        byte[] extra,
        byte[] pixels,
        int headerSize = 40,
        int colours = 0
    )
    {
        byte[] file = new byte[54 + extra.Length + pixels.Length];
        "BM"u8.CopyTo(file);
        Put(file, 2, file.Length);
        Put(file, 10, 54 + extra.Length);
        Put(file, 14, headerSize);
        Put(file, 18, width);
        Put(file, 22, height);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), (short)bits);
        Put(file, 30, compression);
        Put(file, 46, colours);
        extra.CopyTo(file, 54);
        pixels.CopyTo(file, 54 + extra.Length);
        return file;
    }

    /// <summary>
    /// Makes a file of 24 bits, bottom row first. <paramref name="rgb"/> is interleaved, top row first.
    /// </summary>
    public static byte[] Bits24(int width, int height, byte[] rgb)
    {
        int stride = ((width * 3) + 3) / 4 * 4;
        byte[] pixels = new byte[stride * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int from = ((y * width) + x) * 3;
                int to = ((height - 1 - y) * stride) + (x * 3);
                (pixels[to], pixels[to + 1], pixels[to + 2]) = (rgb[from + 2], rgb[from + 1], rgb[from]);
            }
        }

        return Write(width, height, 24, 0, [], pixels);
    }

    private static void Put(byte[] file, int at, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}
