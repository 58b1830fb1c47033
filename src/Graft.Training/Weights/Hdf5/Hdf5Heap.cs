using System.Text;

namespace Graft.Training.Weights.Hdf5;

/// <summary>A local heap, which holds the names of an old group's members.</summary>
internal sealed class Hdf5Heap
{
    /// <summary>Memory for one member of a group, in bytes.</summary>
    private const int NameCost = 160;
    private readonly Hdf5File _file;
    private readonly string _place;
    private readonly ReadOnlyMemory<byte> _names;

    /// <summary>Reads the heap at an address.</summary>
    public Hdf5Heap(Hdf5File file, long address, string place)
    {
        (_file, _place) = (file, $"{place}, its heap");
        Hdf5Cursor header = new(file, file.ReadBlock(address, 32, "HEAP"u8, _place), _place);
        header.Skip(8);
        long length = header.Int64();
        header.Skip(8);
        _names = file.Read(header.Int64(), length, _place);
    }

    /// <summary>The text from <paramref name="offset"/> to the next zero byte.</summary>
    public string Name(long offset)
    {
        if (offset < 0 || offset >= _names.Length)
        {
            throw _file.Refuse(_place, $"has {_names.Length} bytes, and a name points to byte {offset}");
        }

        ReadOnlySpan<byte> rest = _names.Span[(int)offset..];
        int end = rest.IndexOf((byte)0);
        ReadOnlySpan<byte> name = end < 0 ? rest : rest[..end];
        _file.CountWork(name.Length, _place);
        _file.Reserve(NameCost + (2 * name.Length), _place);
        return Encoding.UTF8.GetString(name);
    }
}
