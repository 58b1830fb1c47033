using System.Buffers.Binary;

namespace Graft.Training.Weights.Hdf5;

/// <summary>
/// Reads the part of HDF5 (specification 3.0) that Keras uses: superblocks 0 to 3, old and new object headers, groups
/// by symbol tables and by link messages, attributes, and contiguous, compact and chunked datasets with gzip and
/// shuffle. Refuses everything else by name.
/// </summary>
/// <remarks>
/// docs/weights.md says why this is not a library. The file's length limits every read, <see cref="MemoryBudget"/>
/// every reservation, and <see cref="CountWork"/> all work. No recursion depends on the file's contents.
/// </remarks>
internal sealed class Hdf5File
{
    /// <summary>The address that means "none".</summary>
    public const long Undefined = -1;

    private const long WorkAllowance = 256L << 20;

    /// <summary>Memory for one object of the global heap, in bytes.</summary>
    private const int ObjectCost = 96;
    private readonly WeightBytes _file;
    private readonly MemoryBudget _budget;
    private readonly Dictionary<long, Hdf5Heap> _heaps = [];
    private readonly Dictionary<long, Dictionary<int, ReadOnlyMemory<byte>>> _collections = [];
    private long _work;

    /// <summary>Reads the superblock and the root group's header.</summary>
    /// <exception cref="WeightFileException">The file has no readable HDF5 superblock.</exception>
    public Hdf5File(WeightBytes file, MemoryBudget budget)
    {
        _file = file;
        _budget = budget;
        Root = new Hdf5Object(this, "/", RootAddress());
    }

    /// <summary>The root group's header.</summary>
    public Hdf5Object Root { get; }

    /// <summary>Whether a file that begins with these bytes is HDF5.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> start) => start.StartsWith(Signature);

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Reads bytes and counts them against the budget.</summary>
    public ReadOnlyMemory<byte> Read(long address, long count, string place)
    {
        Check(address, count, place);
        Reserve(count, place);
        return _file.Read(address, count, place);
    }

    /// <summary>Reads bytes into memory that is already reserved.</summary>
    public void Fill(long address, Span<byte> target, string place)
    {
        Check(address, target.Length, place);
        _file.ReadExactly(address, target, place);
    }

    /// <summary>Checks that the file has these bytes, before memory is reserved for them.</summary>
    public void Check(long address, long count, string place)
    {
        CountWork(count, place);
        if (address < 0 || count < 0 || address > _file.Length || count > _file.Length - address)
        {
            throw Refuse(
                place,
                $"points to {count} bytes at {address} of a file of {_file.Length}; the file is cut short or damaged"
            );
        }
    }

    /// <summary>Reads a block and checks the four letters at its beginning.</summary>
    public ReadOnlyMemory<byte> ReadBlock(long address, long count, ReadOnlySpan<byte> signature, string place)
    {
        ReadOnlyMemory<byte> block = Read(address, count, place);
        return block.Span.StartsWith(signature)
            ? block
            : throw Refuse(
                place,
                $"has no '{System.Text.Encoding.ASCII.GetString(signature)}' at byte {address}; the file is damaged"
            );
    }

    /// <summary>Counts memory against the budget. Call it before memory is allocated for a size in the file.</summary>
    public void Reserve(long bytes, string place) => _budget.Reserve(bytes, place);

    /// <summary>
    /// Counts bytes that are read, and stops at 32 times the file's size plus 256 MB. Only files whose parts point to
    /// each other without end need more.
    /// </summary>
    public void CountWork(long bytes, string place)
    {
        _work += Math.Max(bytes, 0) + 256;
        if (_work > (32 * _file.Length) + WorkAllowance)
        {
            throw Refuse(place, "the file's parts point to each other without end");
        }
    }

    /// <summary>The local heap at an address, read once.</summary>
    public Hdf5Heap Heap(long address, string place)
    {
        if (!_heaps.TryGetValue(address, out Hdf5Heap? heap))
        {
            heap = new Hdf5Heap(this, address, place);
            _heaps.Add(address, heap);
        }

        return heap;
    }

    /// <summary>An object in a global heap collection, where HDF5 stores texts of variable length.</summary>
    public ReadOnlyMemory<byte> GlobalObject(long address, int index, string place)
    {
        if (!_collections.TryGetValue(address, out Dictionary<int, ReadOnlyMemory<byte>>? objects))
        {
            objects = ReadCollection(address, place);
            _collections.Add(address, objects);
        }

        return objects.TryGetValue(index, out ReadOnlyMemory<byte> bytes)
            ? bytes
            : throw Refuse(place, $"object {index} is not in the global heap at byte {address}");
    }

    /// <summary>An error that names this file; the caller throws it.</summary>
    public WeightFileException Refuse(string place, string reason, Exception? inner = null) =>
        _file.Refuse(place, reason, inner);

    private Dictionary<int, ReadOnlyMemory<byte>> ReadCollection(long address, string place)
    {
        long length = Int64(ReadBlock(address, 16, "GCOL"u8, place).Span, 8);
        ReadOnlyMemory<byte> collection = Read(address, length, place);
        Dictionary<int, ReadOnlyMemory<byte>> objects = [];
        long at = 16;
        while (at + 16 <= collection.Length)
        {
            ReadOnlySpan<byte> header = collection.Span[(int)at..];
            int index = BinaryPrimitives.ReadUInt16LittleEndian(header);
            long size = Int64(header, 8);
            if (index == 0)
            {
                break;
            }

            if (size < 0 || size > collection.Length - at - 16)
            {
                throw Refuse(place, $"object {index} of the global heap at byte {address} reaches past its end");
            }

            Reserve(ObjectCost, place);
            objects[index] = collection.Slice((int)at + 16, (int)size);
            at += 16 + ((size + 7) & ~7L);
        }

        return objects;
    }

    private long RootAddress()
    {
        ReadOnlySpan<byte> block = Read(0, Math.Min(_file.Length, 96), "the superblock").Span;
        if (!block.StartsWith(Signature) || block.Length < 48)
        {
            throw Refuse("the superblock", "has no HDF5 signature: not an HDF5 file, or damaged");
        }

        int version = block[8];
        (int offsetSize, int lengthSize, int baseAt, int rootAt) = version switch
        {
            0 => (block[13], block[14], 24, 64),
            1 => (block[13], block[14], 28, 68),
            2 or 3 => (block[9], block[10], 12, 36),
            _ => throw Refuse("the superblock", $"has version {version}; 0 to 3 are read"),
        };
        if (offsetSize != 8 || lengthSize != 8)
        {
            throw Refuse(
                "the superblock",
                $"has addresses of {offsetSize} bytes and lengths of {lengthSize} bytes; 8 bytes are read"
            );
        }

        return block.Length >= rootAt + 8 && Int64(block, baseAt) == 0
            ? Int64(block, rootAt)
            : throw Refuse(
                "the superblock",
                "has addresses that do not count from the file's beginning, which are not read"
            );
    }

    private static long Int64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}
