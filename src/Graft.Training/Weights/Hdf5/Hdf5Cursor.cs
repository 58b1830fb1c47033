using System.Buffers.Binary;

namespace Graft.Training.Weights.Hdf5;

/// <summary>
/// Reads a block's fields one after the other; what lies past its end is an error that names the place.
/// </summary>
internal sealed class Hdf5Cursor(Hdf5File file, ReadOnlyMemory<byte> bytes, string place)
{
    private int _next;

    public int Remaining => bytes.Length - _next;

    public void Skip(long count) => Read(count);

    public int UInt8() => Read(1).Span[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Read(2).Span);

    public long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(4).Span);

    /// <summary>An address, or a length; negative ones are refused where they are used.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Read(8).Span);

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
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

    public ReadOnlyMemory<byte> Read(long count)
    {
        if (count < 0 || count > Remaining)
        {
            throw file.Refuse(
                place,
                $"{count} bytes are missing at byte {_next} of its description; the file is damaged"
            );
        }

        _next += (int)count;
        return bytes.Slice(_next - (int)count, (int)count);
    }

    /// <summary>
    /// Like <see cref="Read"/>, then past the fill-up to the next multiple of 8; the last one may lack it.
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
