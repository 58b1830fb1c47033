using System.Buffers.Binary;

namespace Graft.Training.Data;

/// <summary>
/// Walks the footer of a Parquet file before Parquet.Net reads it, which never returns from some damaged ones. Every
/// value must lie within the footer. Layout: parquet.apache.org/docs/file-format and Thrift's compact protocol.
/// </summary>
internal ref struct ParquetFooter
{
    private const int TailBytes = 8;
    private const int LongestFooter = 256 << 20;
    private const int DeepestStruct = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _place;

    private ParquetFooter(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Leaves the stream at its start.</summary>
    /// <exception cref="InvalidDataException">The footer is damaged.</exception>
    public static void Check(Stream file)
    {
        long length = file.Length;
        Span<byte> tail = stackalloc byte[TailBytes];
        bool isWhole =
            length > 2 * TailBytes && Read(file, tail, length - TailBytes) && tail[4..].SequenceEqual("PAR1"u8);
        int size = isWhole ? BinaryPrimitives.ReadInt32LittleEndian(tail) : 0;
        if (size is <= 0 or > LongestFooter || size > length - TailBytes)
        {
            throw Damaged();
        }

        byte[] bytes = new byte[size];
        _ = Read(file, bytes, length - TailBytes - size);
        file.Position = 0;
        ParquetFooter footer = new(bytes);
        footer.SkipStruct(0);
    }

    private static bool Read(Stream file, Span<byte> bytes, long place)
    {
        file.Position = place;
        return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
    }

    private static InvalidDataException Damaged() => new("the footer is damaged");

    private void SkipStruct(int depth)
    {
        if (depth > DeepestStruct)
        {
            throw Damaged();
        }

        for (byte header = Byte(); header != 0; header = Byte())
        {
            if (header >> 4 == 0)
            {
                _ = Varint(); // number of the field
            }

            int type = header & 15;
            if (type is not (1 or 2)) // true and false lie in the header
            {
                SkipValue(type, depth);
            }
        }
    }

    private void SkipValue(int type, int depth)
    {
        switch (type)
        {
            case 1 or 2 or 3:
                _ = Byte();
                break;
            case 4 or 5 or 6:
                _ = Varint();
                break;
            case 7:
                Skip(8);
                break;
            case 8:
                Skip(Varint());
                break;
            case 9 or 10:
                SkipList(depth);
                break;
            case 12:
                SkipStruct(depth + 1);
                break;
            default:
                throw Damaged(); // maps are no part of the footer
        }
    }

    private void SkipList(int depth)
    {
        byte header = Byte();
        ulong count = header >> 4 == 15 ? Varint() : (ulong)(header >> 4);
        if (count > (ulong)(_bytes.Length - _place) || depth > DeepestStruct)
        {
            throw Damaged(); // every element takes a byte at least
        }

        for (ulong i = 0; i < count; i++)
        {
            SkipValue(header & 15, depth + 1);
        }
    }

    private byte Byte() => _place < _bytes.Length ? _bytes[_place++] : throw Damaged();

    private void Skip(ulong count) =>
        _place = count <= (ulong)(_bytes.Length - _place) ? _place + (int)count : throw Damaged();

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        throw Damaged();
    }
}
