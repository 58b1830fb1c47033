namespace Graft.Training.Weights.Hdf5;

/// <summary>The kinds of header messages that this reader uses (specification IV.A.2).</summary>
internal enum Hdf5Message
{
    Dataspace = 0x01,
    LinkTable = 0x02,
    DataType = 0x03,
    Link = 0x06,
    ExternalFiles = 0x07,
    Layout = 0x08,
    Filters = 0x0b,
    Attribute = 0x0c,
    Continuation = 0x10,
    SymbolTable = 0x11,
    AttributeTable = 0x15,
}

/// <summary>The object header of a group or dataset: its messages, collected from all continuation blocks.</summary>
internal sealed class Hdf5Object
{
    private const int MaximumBlocks = 4096;

    /// <summary>
    /// Memory for one object and for one message in bytes, rounded up. A file may point to one header a million times.
    /// </summary>
    private const int ObjectCost = 1024,
        MessageCost = 128;
    private readonly List<(Hdf5Message Type, int Flags, ReadOnlyMemory<byte> Body)> _messages = [];
    private readonly Queue<(long Address, long Length)> _continuations = [];
    private Dictionary<string, Hdf5Attribute>? _attributes;

    /// <summary>Reads the messages of a header.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Path of the object in the file, for messages.</param>
    /// <param name="address">Address of the header.</param>
    public Hdf5Object(Hdf5File file, string path, long address)
    {
        (File, Path, Address) = (file, path, address);
        file.Reserve(ObjectCost + (2 * path.Length), Place);
        if (file.Read(address, 4, Place).Span.SequenceEqual("OHDR"u8))
        {
            ReadNew();
        }
        else
        {
            ReadOld();
        }
    }

    /// <summary>The file that contains the object.</summary>
    public Hdf5File File { get; }

    /// <summary>Path of the object in the file.</summary>
    public string Path { get; }

    /// <summary>Address of the header.</summary>
    public long Address { get; }

    /// <summary>The path in quotes, for messages.</summary>
    public string Place => $"'{Path}'";

    /// <summary>Whether the object is a dataset: only datasets have a layout.</summary>
    public bool IsDataset => Find(Hdf5Message.Layout) is not null;

    /// <summary>Attributes by name. A damaged value is an error only when it is read.</summary>
    public IReadOnlyDictionary<string, Hdf5Attribute> Attributes
    {
        get
        {
            if (_attributes is null)
            {
                _attributes = [];
                foreach (ReadOnlyMemory<byte> body in All(Hdf5Message.Attribute))
                {
                    Hdf5Attribute attribute = new(this, body);
                    _attributes[attribute.Name] = attribute;
                }

                RefuseDense(Hdf5Message.AttributeTable, "attributes", hasIndex: 0x01, width: 2);
            }

            return _attributes;
        }
    }

    /// <summary>Body of the first message of a kind; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Find(Hdf5Message type)
    {
        foreach (ReadOnlyMemory<byte> body in All(type))
        {
            return body;
        }

        return null;
    }

    /// <summary>Bodies of all messages of a kind.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> All(Hdf5Message type)
    {
        const int Shared = 0x02;
        foreach ((Hdf5Message messageType, int flags, ReadOnlyMemory<byte> body) in _messages)
        {
            if (messageType == type)
            {
                yield return (flags & Shared) == 0
                    ? body
                    : throw Refuse($"its {type} is in another object (a committed type), which is not read");
            }
        }
    }

    /// <summary>A cursor over a message, for which errors name this object.</summary>
    public Hdf5Cursor Cursor(ReadOnlyMemory<byte> body) => new(File, body, Place);

    /// <summary>An error that names this object; the caller throws it.</summary>
    public WeightFileException Refuse(string reason) => File.Refuse(Place, reason);

    /// <summary>
    /// Throws where links or attributes are in a fractal heap, which h5py writes only with libver='latest'.
    /// </summary>
    public void RefuseDense(Hdf5Message type, string what, int hasIndex, int width)
    {
        if (Find(type) is { } body)
        {
            Hdf5Cursor cursor = Cursor(body);
            cursor.Skip(1);
            int flags = cursor.UInt8();
            cursor.Skip((flags & hasIndex) != 0 ? width : 0);
            if (cursor.Int64() != Hdf5File.Undefined)
            {
                throw Refuse(
                    $"its {what} are in a fractal heap, which is not read; save the file with libver='earliest'"
                );
            }
        }
    }

    /// <summary>Reads a header of version 1: messages padded to 8 bytes, without a signature.</summary>
    private void ReadOld()
    {
        Hdf5Cursor prefix = Cursor(File.Read(Address, 16, Place));
        int version = prefix.UInt8();
        if (version != 1)
        {
            throw Refuse($"has no object header at byte {Address}; the file is damaged");
        }

        prefix.Skip(7);
        _continuations.Enqueue((Address + 16, prefix.UInt32()));
        foreach (ReadOnlyMemory<byte> block in Blocks())
        {
            Hdf5Cursor cursor = Cursor(block);
            while (cursor.Remaining >= 8)
            {
                int type = cursor.UInt16();
                int size = cursor.UInt16();
                int flags = cursor.UInt8();
                cursor.Skip(3);
                Add(type, flags, cursor.Read(size));
            }
        }
    }

    /// <summary>
    /// Reads a header of version 2: "OHDR", packed messages, and checksums, which are not checked because a changed
    /// value does no harm.
    /// </summary>
    private void ReadNew()
    {
        Hdf5Cursor prefix = Cursor(File.Read(Address, 8, Place));
        prefix.Skip(4);
        int version = prefix.UInt8();
        int flags = prefix.UInt8();
        if (version != 2)
        {
            throw Refuse($"has an object header of version {version}; 1 and 2 are read");
        }

        int optional = ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        int width = 1 << (flags & 3);
        long length = Cursor(File.Read(Address + 6 + optional, width, Place)).Number(width);
        _continuations.Enqueue((Address + 6 + optional + width, length));
        bool isFirst = true;
        foreach (ReadOnlyMemory<byte> block in Blocks())
        {
            Hdf5Cursor cursor = Cursor(isFirst ? block : WithoutFrame(block));
            isFirst = false;
            int prefixLength = (flags & 0x04) != 0 ? 6 : 4;
            while (cursor.Remaining >= prefixLength)
            {
                int type = cursor.UInt8();
                int size = cursor.UInt16();
                int messageFlags = cursor.UInt8();
                cursor.Skip(prefixLength - 4);
                Add(type, messageFlags, cursor.Read(size));
            }
        }
    }

    private ReadOnlyMemory<byte> WithoutFrame(ReadOnlyMemory<byte> block) =>
        block.Length >= 8 && block.Span.StartsWith("OCHK"u8)
            ? block[4..^4]
            : throw Refuse("has a continuation of its header without 'OCHK'; the file is damaged");

    private IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        for (int count = 0; _continuations.TryDequeue(out (long Address, long Length) next); count++)
        {
            if (count == MaximumBlocks)
            {
                throw Refuse($"has a header in more than {MaximumBlocks} pieces");
            }

            yield return File.Read(next.Address, next.Length, Place);
        }
    }

    private void Add(int type, int flags, ReadOnlyMemory<byte> body)
    {
        File.CountWork(0, Place);
        File.Reserve(MessageCost, Place);
        if (type == (int)Hdf5Message.Continuation)
        {
            Hdf5Cursor cursor = Cursor(body);
            _continuations.Enqueue((cursor.Int64(), cursor.Int64()));
        }
        else if (Enum.IsDefined((Hdf5Message)type))
        {
            _messages.Add(((Hdf5Message)type, flags, body));
        }
    }
}
