using System.Buffers.Binary;

namespace Graft.Training.Weights.Hdf5;

/// <summary>
/// The part of HDF5 (specification 3.0) that Keras files are made of: superblocks 0 to 3, old and new object headers,
/// groups by symbol tables and
/// by link messages, attributes, contiguous, compact and chunked datasets with gzip and shuffle. Everything else is
/// refused by name.
/// Why not a library: docs/weights.md. Every read is bounded by the file, every reservation by
/// <see cref="MemoryBudget"/>, all work by
/// <see cref="CountWork"/>, and nothing here calls itself on the word of a file.
/// </summary>
internal sealed class Hdf5File
{
    /// <summary>"No address", where a file has nothing to point to.</summary>
    public const long Undefined = -1;

    private const long WorkAllowance = 256L << 20;

    /// <summary>An object of the global heap in memory, in bytes.</summary>
    private const int ObjectCost = 96;
    private readonly WeightBytes _file;
    private readonly MemoryBudget _budget;
    private readonly Dictionary<long, Hdf5Heap> _heaps = [];
    private readonly Dictionary<long, Dictionary<int, ReadOnlyMemory<byte>>> _collections = [];
    private long _work;

    /// <exception cref="WeightFileException">No HDF5 superblock that can be read.</exception>
    public Hdf5File(WeightBytes file, MemoryBudget budget)
    {
        _file = file;
        _budget = budget;
        Root = new Hdf5Object(this, "/", RootAddress());
    }

    public Hdf5Object Root { get; }

    public static bool IsHdf5(ReadOnlySpan<byte> start) => start.StartsWith(Signature);

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Bytes of the file; counted against the budget whether they are copied or not.</summary>
    public ReadOnlyMemory<byte> Read(long address, long count, string place)
    {
        Check(address, count, place);
        Reserve(count, place);
        return _file.Read(address, count, place);
    }

    /// <summary>Bytes of the file into memory that has been reserved before.</summary>
    public void Fill(long address, Span<byte> target, string place)
    {
        Check(address, target.Length, place);
        _file.ReadExactly(address, target, place);
    }

    /// <summary>Whether the file has these bytes at all, before anything is reserved for them.</summary>
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

    /// <summary>A block that begins with four letters.</summary>
    public ReadOnlyMemory<byte> ReadBlock(long address, long count, ReadOnlySpan<byte> signature, string place)
    {
        ReadOnlyMemory<byte> block = Read(address, count, place);
        return block.Span.StartsWith(signature)
            ? block
            : throw Refuse(
                place,
                $"no '{System.Text.Encoding.ASCII.GetString(signature)}' at byte {address}; the file is damaged"
            );
    }

    /// <summary>Must be called before memory is reserved for a number that the file gives.</summary>
    public void Reserve(long bytes, string place) => _budget.Reserve(bytes, place);

    /// <summary>
    /// Ends files whose parts point to each other for ever: 32 times the file's size is more than any sound file takes.
    /// </summary>
    public void CountWork(long bytes, string place)
    {
        _work += Math.Max(bytes, 0) + 256;
        if (_work > (32 * _file.Length) + WorkAllowance)
        {
            throw Refuse(place, "the file's parts point to each other without end");
        }
    }

    public Hdf5Heap Heap(long address, string place)
    {
        if (!_heaps.TryGetValue(address, out Hdf5Heap? heap))
        {
            heap = new Hdf5Heap(this, address, place);
            _heaps.Add(address, heap);
        }

        return heap;
    }

    /// <summary>An object of a global heap collection, where texts of variable length lie.</summary>
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
            throw Refuse("the superblock", "no HDF5 signature; not an HDF5 file, or damaged");
        }

        int version = block[8];
        (int offsetSize, int lengthSize, int baseAt, int rootAt) = version switch
        {
            0 => (block[13], block[14], 24, 64),
            1 => (block[13], block[14], 28, 68),
            2 or 3 => (block[9], block[10], 12, 36),
            _ => throw Refuse("the superblock", $"version {version}; 0 to 3 are read"),
        };
        if (offsetSize != 8 || lengthSize != 8)
        {
            throw Refuse("the superblock", $"addresses of {offsetSize} and lengths of {lengthSize} bytes; 8 are read");
        }

        return block.Length >= rootAt + 8 && Int64(block, baseAt) == 0
            ? Int64(block, rootAt)
            : throw Refuse("the superblock", "addresses that do not count from the file's beginning are not read");
    }

    private static long Int64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}

/// <summary>A local heap: the names of an old group's members.</summary>
internal sealed class Hdf5Heap
{
    /// <summary>A member in a group's table, in bytes of memory.</summary>
    private const int NameCost = 160;
    private readonly Hdf5File _file;
    private readonly string _place;
    private readonly ReadOnlyMemory<byte> _names;

    public Hdf5Heap(Hdf5File file, long address, string place)
    {
        (_file, _place) = (file, $"{place}, its heap");
        Hdf5Cursor header = new(file, file.ReadBlock(address, 32, "HEAP"u8, _place), _place);
        header.Skip(8);
        long length = header.Int64();
        header.Skip(8);
        _names = file.Read(header.Int64(), length, _place);
    }

    /// <summary>The text that begins at <paramref name="offset"/> and ends with a zero.</summary>
    public string Name(long offset)
    {
        if (offset < 0 || offset >= _names.Length)
        {
            throw _file.Refuse(_place, $"a name at {offset} of {_names.Length} bytes");
        }

        ReadOnlySpan<byte> rest = _names.Span[(int)offset..];
        int end = rest.IndexOf((byte)0);
        ReadOnlySpan<byte> name = end < 0 ? rest : rest[..end];
        _file.CountWork(name.Length, _place);
        _file.Reserve(NameCost + (2 * name.Length), _place);
        return System.Text.Encoding.UTF8.GetString(name);
    }
}
