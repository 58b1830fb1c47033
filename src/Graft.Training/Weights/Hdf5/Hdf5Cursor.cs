using System.Buffers.Binary;

namespace Graft.Training.Weights.Hdf5;

/// <summary>Reads the fields of a block in order. Reading past its end is an error that names the place.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="bytes">The block.</param>
/// <param name="place">The block's place, for messages.</param>
internal sealed class Hdf5Cursor(Hdf5File file, ReadOnlyMemory<byte> bytes, string place)
{
    private int _next;

    /// <summary>Number of bytes not read yet.</summary>
    public int Remaining => bytes.Length - _next;

    public void Skip(long count) => Read(count);

    public int UInt8() => Read(1).Span[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Read(2).Span);

    public long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(4).Span);

    /// <summary>An address or a length. Negative values are refused where they are used.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Read(8).Span);

    /// <summary>A little-endian number of 1 to 8 bytes.</summary>
    public long Number(int width)
    {
        long number = 0;
        ReadOnlySpan<byte> digits = Read(width).Span;
        for (int i = 0; i < width; i++)
        {
            number |= (long)digits[i] << (8 * i);
        }

        return number;
    }

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    public ReadOnlyMemory<byte> Read(long count)
    {
        if (count < 0 || count > Remaining)
        {
            throw file.Refuse(place, $"lacks {count} bytes at byte {_next} of its description; the file is damaged");
        }

        _next += (int)count;
        return bytes.Slice(_next - (int)count, (int)count);
    }

    /// <summary>
    /// The next <paramref name="count"/> bytes; then skips the padding to a multiple of 8, which the last field may
    /// lack.
    /// </summary>
    public ReadOnlyMemory<byte> ReadPadded(long count, bool isPadded)
    {
        ReadOnlyMemory<byte> taken = Read(count);
        if (isPadded)
        {
            Skip(Math.Min(((count + 7) & ~7L) - count, Remaining));
        }

        return taken;
    }
}
