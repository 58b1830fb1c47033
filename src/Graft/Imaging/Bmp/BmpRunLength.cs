namespace Graft.Imaging;

/// <summary>Expands BMP's run-length coding (BI_RLE8, BI_RLE4) to one palette index per pixel.</summary>
internal static class BmpRunLength
{
    private const byte EndOfRow = 0;
    private const byte EndOfImage = 1;
    private const byte Jump = 2;

    /// <summary>Returns height x width indices in the file's row order; skipped pixels are 0.</summary>
    /// <exception cref="ImageException">The data end before the last row.</exception>
    public static byte[] Expand(ReadOnlySpan<byte> data, BmpHeader header, string name)
    {
        byte[] indices = new byte[header.Width * header.Height];
        bool isNibbles = header.Compression == BmpCompression.RunLength4;
        int at = 0;
        int x = 0;
        int y = 0;
        while (y < header.Height)
        {
            (byte count, byte value) = Pair(data, ref at, name);
            if (count > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    Put(indices, header, ref x, y, isNibbles ? Nibble(value, i) : value);
                }
            }
            else if (value == EndOfRow)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == EndOfImage)
            {
                break;
            }
            else if (value == Jump)
            {
                (byte right, byte down) = Pair(data, ref at, name);
                (x, y) = (Math.Min(x + right, header.Width), y + down);
            }
            else
            {
                at = Literal(data, at, value, isNibbles, indices, header, ref x, y, name);
            }
        }

        return indices;
    }

    private static int Literal(
        ReadOnlySpan<byte> data,
        int at,
        int count,
        bool isNibbles,
        byte[] indices,
        BmpHeader header,
        ref int x,
        int y,
        string name
    )
    {
        int length = isNibbles ? (count + 1) / 2 : count;
        if (at + length > data.Length)
        {
            throw BmpHeader.Damaged(name, "ends before its last row");
        }

        for (int i = 0; i < count; i++)
        {
            Put(indices, header, ref x, y, isNibbles ? Nibble(data[at + (i / 2)], i) : data[at + i]);
        }

        return at + length + (length & 1); // padded to 16 bits
    }

    private static (byte First, byte Second) Pair(ReadOnlySpan<byte> data, ref int at, string name)
    {
        if (at + 2 > data.Length)
        {
            throw BmpHeader.Damaged(name, "ends before its last row");
        }

        at += 2;
        return (data[at - 2], data[at - 1]);
    }

    private static byte Nibble(byte pair, int i) => (byte)(i % 2 == 0 ? pair >> 4 : pair & 15);

    // A run that passes the end of its row is cut off, as in every other reader.
    private static void Put(byte[] indices, BmpHeader header, ref int x, int y, byte value)
    {
        if (x < header.Width)
        {
            indices[(y * header.Width) + x] = value;
            x++;
        }
    }
}
