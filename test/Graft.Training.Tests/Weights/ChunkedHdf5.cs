using System.IO.Compression;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// Writes a small HDF5 file with one dataset "d" of 5 x 7 float32, in chunks of 2 x 4 with shuffle and gzip. A B-tree
/// of version 1 with two levels lists the chunks, as h5py writes them. PureHDF's writer has only newer chunk indexes.
/// </summary>
internal static class ChunkedHdf5
{
    private const int Rows = 5,
        Columns = 7,
        ChunkRows = 2,
        ChunkColumns = 4;

    public static float[] Values { get; } = [.. Enumerable.Range(0, Rows * Columns).Select(i => (i * 0.5f) - 3)];

    public static byte[] Write()
    {
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        file.Position = 96;
        List<(long Address, int Length, long Row, long Column)> chunks = [.. WriteChunks(writer)];
        long leafA = WriteTree(writer, level: 0, chunks[..3]);
        long leafB = WriteTree(writer, level: 0, chunks[3..]);
        long root = WriteTree(
            writer,
            level: 1,
            [(leafA, chunks[0].Length, 0, 0), (leafB, chunks[3].Length, chunks[3].Row, chunks[3].Column)]
        );
        long dataset = WriteDataset(writer, root);
        long group = WriteGroup(writer, dataset);
        WriteSuperblock(writer, group);
        return file.ToArray();
    }

    private static IEnumerable<(long Address, int Length, long Row, long Column)> WriteChunks(BinaryWriter writer)
    {
        for (int row = 0; row < Rows; row += ChunkRows)
        {
            for (int column = 0; column < Columns; column += ChunkColumns)
            {
                byte[] packed = Pack(row, column);
                long address = writer.BaseStream.Position;
                writer.Write(packed);
                yield return (address, packed.Length, row, column);
            }
        }
    }

    private static byte[] Pack(int row, int column)
    {
        byte[] shuffled = new byte[ChunkRows * ChunkColumns * 4];
        for (int i = 0; i < ChunkRows * ChunkColumns; i++)
        {
            (int r, int c) = (row + (i / ChunkColumns), column + (i % ChunkColumns));
            byte[] value = BitConverter.GetBytes(r < Rows && c < Columns ? Values[(r * Columns) + c] : 0);
            for (int b = 0; b < 4; b++)
            {
                shuffled[(b * ChunkRows * ChunkColumns) + i] = value[b];
            }
        }

        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal))
        {
            zlib.Write(shuffled);
        }

        return packed.ToArray();
    }

    private static long WriteTree(
        BinaryWriter writer,
        byte level,
        IReadOnlyList<(long Address, int Length, long Row, long Column)> children
    )
    {
        long address = Align(writer);
        writer.Write("TREE"u8);
        writer.Write((byte)1);
        writer.Write(level);
        writer.Write((ushort)children.Count);
        writer.Write(-1L);
        writer.Write(-1L);
        foreach (
            (long child, int length, long row, long column) in children.Append(
                (Address: -1, Length: 0, Row: Rows + 1, Column: Columns + 1)
            )
        )
        {
            writer.Write(length);
            writer.Write(0);
            writer.Write(row);
            writer.Write(column);
            writer.Write(0L);
            writer.Write(child);
        }

        return address;
    }

    private static long WriteDataset(BinaryWriter writer, long tree)
    {
        byte[] space =
        [
            1,
            2,
            0,
            0,
            0,
            0,
            0,
            0,
            .. BitConverter.GetBytes((long)Rows),
            .. BitConverter.GetBytes((long)Columns),
        ];
        byte[] type = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0, 0, 0, 0, 0];
        byte[] filters =
        [
            1,
            2,
            0,
            0,
            0,
            0,
            0,
            0,
            2,
            0,
            0,
            0,
            0,
            0,
            1,
            0,
            4,
            0,
            0,
            0,
            0,
            0,
            0,
            0, // shuffle, elements of 4 bytes
            1,
            0,
            0,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0,
            0,
            0,
            0,
            0,
            0, // deflate, level 6
        ];
        byte[] fill = [2, 1, 0, 1, 0, 0, 0, 0];
        byte[] layout =
        [
            3,
            2,
            3,
            .. BitConverter.GetBytes(tree),
            ChunkRows,
            0,
            0,
            0,
            ChunkColumns,
            0,
            0,
            0,
            4,
            0,
            0,
            0,
            0,
        ];
        return WriteHeader(writer, [(1, space), (3, type), (5, fill), (11, filters), (8, layout)]);
    }

    private static long WriteGroup(BinaryWriter writer, long dataset) =>
        WriteHeader(
            writer,
            [
                (2, [0, 0, .. BitConverter.GetBytes(-1L), .. BitConverter.GetBytes(-1L)]),
                (6, [1, 0, 1, (byte)'d', .. BitConverter.GetBytes(dataset)]),
            ]
        );

    private static long WriteHeader(BinaryWriter writer, IReadOnlyList<(ushort Type, byte[] Body)> messages)
    {
        long address = Align(writer);
        writer.Write((byte)1);
        writer.Write((byte)0);
        writer.Write((ushort)messages.Count);
        writer.Write(1);
        writer.Write(messages.Sum(message => 8 + ((message.Body.Length + 7) & ~7)));
        writer.Write(0);
        foreach ((ushort type, byte[] body) in messages)
        {
            writer.Write(type);
            writer.Write((ushort)((body.Length + 7) & ~7));
            writer.Write(0);
            writer.Write(body);
            Align(writer);
        }

        return address;
    }

    private static void WriteSuperblock(BinaryWriter writer, long group)
    {
        long end = Align(writer);
        writer.BaseStream.Position = 0;
        writer.Write([
            0x89,
            (byte)'H',
            (byte)'D',
            (byte)'F',
            0x0d,
            0x0a,
            0x1a,
            0x0a,
            0,
            0,
            0,
            0,
            0,
            8,
            8,
            0,
            4,
            0,
            16,
            0,
            0,
            0,
            0,
            0,
        ]);
        writer.Write(0L);
        writer.Write(-1L);
        writer.Write(end);
        writer.Write(-1L);
        writer.Write(0L);
        writer.Write(group);
        writer.BaseStream.Position = end;
    }

    private static long Align(BinaryWriter writer)
    {
        while (writer.BaseStream.Position % 8 != 0)
        {
            writer.Write((byte)0);
        }

        return writer.BaseStream.Position;
    }
}
