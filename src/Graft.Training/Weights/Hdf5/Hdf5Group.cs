namespace Graft.Training.Weights.Hdf5;

/// <summary>The members of a group, listed by a symbol table or by link messages.</summary>
internal sealed class Hdf5Group
{
    private const int MaximumDepth = 64;
    private const int SymbolLength = 40;
    private const int MaximumSymbols = 4096;
    private readonly Hdf5Object _header;
    private readonly OrderedDictionary<string, long> _members = [];

    /// <summary>Reads the members' names and addresses.</summary>
    /// <exception cref="WeightFileException">
    /// The list of members is damaged, or has a form that is not read.
    /// </exception>
    public Hdf5Group(Hdf5Object header)
    {
        _header = header;
        if (header.Find(Hdf5Message.SymbolTable) is { } table)
        {
            Hdf5Cursor cursor = header.Cursor(table);
            long tree = cursor.Int64();
            ReadTree(tree, header.File.Heap(cursor.Int64(), header.Place));
        }

        foreach (ReadOnlyMemory<byte> link in header.All(Hdf5Message.Link))
        {
            ReadLink(header.Cursor(link));
        }

        header.RefuseDense(Hdf5Message.LinkTable, "members", hasIndex: 0x01, width: 8);
    }

    /// <summary>Object header of the group.</summary>
    public Hdf5Object Header => _header;

    /// <summary>The members' names in the file's order.</summary>
    public IReadOnlyList<string> Names => _members.Keys;

    /// <summary>Whether the group has a member of this name.</summary>
    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>The member at a path, which may lead through groups ("conv1/kernel:0").</summary>
    /// <exception cref="WeightFileException">There is no such member.</exception>
    public Hdf5Object Get(string path)
    {
        Hdf5Group group = this;
        string[] steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (steps.Length is 0 or > MaximumDepth)
        {
            throw _header.Refuse($"'{path}' is not the name of a member");
        }

        for (int i = 0; ; i++)
        {
            if (!group._members.TryGetValue(steps[i], out long address))
            {
                throw group._header.Refuse($"has no member '{steps[i]}', which the file lists");
            }

            Hdf5Object member = new(_header.File, $"{group._header.Path.TrimEnd('/')}/{steps[i]}", address);
            if (i == steps.Length - 1)
            {
                return member;
            }

            group = new Hdf5Group(member);
        }
    }

    /// <summary>The group at a path.</summary>
    public Hdf5Group Group(string path) => new(Get(path));

    // A B-tree of version 1, with symbol table nodes as leaves. Each node is visited once.
    private void ReadTree(long root, Hdf5Heap heap)
    {
        HashSet<long> seen = [];
        Stack<long> open = new([root]);
        while (open.TryPop(out long address))
        {
            if (!seen.Add(address))
            {
                throw _header.Refuse("its table of members leads back to itself; the file is damaged");
            }

            Hdf5Cursor node = _header.Cursor(_header.File.ReadBlock(address, 24, "TREE"u8, _header.Place));
            node.Skip(4);
            (int type, int level, int count) = (node.UInt8(), node.UInt8(), node.UInt16());
            if (type != 0)
            {
                throw _header.Refuse("its table of members is a table of chunks; the file is damaged");
            }

            Hdf5Cursor entries = _header.Cursor(_header.File.Read(address + 24, count * 16L, _header.Place));
            List<long> children = [];
            for (int i = 0; i < count; i++)
            {
                entries.Skip(8);
                children.Add(entries.Int64());
            }

            foreach (long child in level > 0 ? children.AsEnumerable().Reverse() : [])
            {
                open.Push(child);
            }

            foreach (long leaf in level == 0 ? children : [])
            {
                ReadSymbols(leaf, heap);
            }
        }
    }

    private void ReadSymbols(long address, Hdf5Heap heap)
    {
        Hdf5Cursor node = _header.Cursor(_header.File.ReadBlock(address, 8, "SNOD"u8, _header.Place));
        node.Skip(6);
        int count = node.UInt16();
        if (count > MaximumSymbols)
        {
            throw _header.Refuse($"has {count} members in one node; the file is damaged");
        }

        Hdf5Cursor symbols = _header.Cursor(_header.File.Read(address + 8, count * (long)SymbolLength, _header.Place));
        for (int i = 0; i < count; i++)
        {
            string name = heap.Name(symbols.Int64());
            long header = symbols.Int64();
            long kind = symbols.UInt32();
            symbols.Skip(20);
            if (kind != 2) // 2 is a soft link, an alias for another path
            {
                _members[name] = header;
            }
        }
    }

    private void ReadLink(Hdf5Cursor link)
    {
        int version = link.UInt8();
        int flags = link.UInt8();
        int type = (flags & 0x08) != 0 ? link.UInt8() : 0;
        link.Skip(((flags & 0x04) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        _header.File.Reserve(160 + (2L * link.Remaining), _header.Place);
        string name = Hdf5Attribute.Text(link.Read(link.Number(1 << (flags & 3))).Span);
        if (version != 1)
        {
            throw _header.Refuse($"has a link of version {version}; 1 is read");
        }

        if (type == 0)
        {
            _members[name] = link.Int64();
        }
    }
}
