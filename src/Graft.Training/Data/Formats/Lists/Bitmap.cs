using System.Buffers.Binary;

namespace Graft.Training.Data;

/// <summary>Writes pixels as a Windows bitmap: without loss, and the same bytes everywhere.</summary>
internal static class Bitmap
{
    private const int HeaderBytes = 54;
    private const int BitsPerPixel = 24;

    /// <summary>A part of an image as a bitmap of 24 bits a pixel.</summary>
    /// <param name="pixels">Rows of red, green and blue.</param>
    /// <param name="width">Width of the whole image.</param>
    /// <param name="box">The part; right and bottom lie outside it.</param>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, (int Left, int Top, int Right, int Bottom) box)
    {
        (int columns, int rows) = (box.Right - box.Left, box.Bottom - box.Top);
        int stride = ((columns * 3) + 3) / 4 * 4;
        byte[] bitmap = new byte[HeaderBytes + (stride * rows)];
        Span<byte> header = bitmap;
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[2..], bitmap.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[10..], HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[14..], 40); // BITMAPINFOHEADER
        BinaryPrimitives.WriteInt32LittleEndian(header[18..], columns);
        BinaryPrimitives.WriteInt32LittleEndian(header[22..], rows); // positive: the last row comes first
        BinaryPrimitives.WriteInt16LittleEndian(header[26..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[28..], BitsPerPixel);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> from = pixels.Slice((((box.Top + row) * width) + box.Left) * 3, columns * 3);
            Span<byte> to = header.Slice(HeaderBytes + ((rows - 1 - row) * stride), columns * 3);
            for (int i = 0; i < from.Length; i += 3)
            {
                (to[i], to[i + 1], to[i + 2]) = (from[i + 2], from[i + 1], from[i]); // blue, green, red
            }
        }

        return bitmap;
    }
}
