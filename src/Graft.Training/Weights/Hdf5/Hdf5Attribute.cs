using System.Text;

namespace Graft.Training.Weights.Hdf5;

/// <summary>A named attribute of a group or dataset. Its value is parsed on demand.</summary>
internal sealed class Hdf5Attribute
{
    private const int VariableLengthSize = 16;
    private readonly Hdf5Object _owner;
    private readonly ReadOnlyMemory<byte> _type;
    private readonly ReadOnlyMemory<byte> _space;
    private readonly ReadOnlyMemory<byte> _value;

    /// <summary>Parses an attribute message.</summary>
    public Hdf5Attribute(Hdf5Object owner, ReadOnlyMemory<byte> message)
    {
        _owner = owner;
        Hdf5Cursor cursor = owner.Cursor(message);
        int version = cursor.UInt8();
        int flags = cursor.UInt8();
        (int nameLength, int typeLength, int spaceLength) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        if (version is < 1 or > 3 || (version > 1 && flags != 0))
        {
            throw owner.Refuse(
                $"has an attribute of version {version} with a shared type; versions 1 to 3 with their own are read"
            );
        }

        cursor.Skip(version == 3 ? 1 : 0);
        owner.File.Reserve(2 * nameLength, owner.Place);
        Name = Text(cursor.ReadPadded(nameLength, version == 1).Span);
        _type = cursor.ReadPadded(typeLength, version == 1);
        _space = cursor.ReadPadded(spaceLength, version == 1);
        _value = cursor.Read(cursor.Remaining);
    }

    /// <summary>Name of the attribute.</summary>
    public string Name { get; }

    /// <summary>The value as a list of texts; a single text gives one.</summary>
    /// <exception cref="WeightFileException">The value is not a text.</exception>
    public IReadOnlyList<string> Texts()
    {
        Hdf5Type type = Hdf5Type.Read(_owner, _type);
        long[] shape = Hdf5Type.Shape(_owner, _space);
        if (shape.Contains(0))
        {
            return []; // h5py writes an empty list as float64, numpy's default type
        }

        if (
            !type.IsText
            || type.Size is <= 0
            || (type.Class == Hdf5Class.VariableLength && type.Size != VariableLengthSize)
        )
        {
            throw _owner.Refuse($"its attribute '{Name}' is not a text");
        }

        long? bytes = WeightTensor.ByteCount(WeightType.UInt8, [.. shape, type.Size]);
        if (bytes is null || bytes > _value.Length)
        {
            throw _owner.Refuse($"its attribute '{Name}' claims more than the {_value.Length} bytes it has");
        }

        List<string> texts = [];
        Hdf5Cursor cursor = _owner.Cursor(_value[..(int)bytes.Value]);
        while (cursor.Remaining > 0)
        {
            ReadOnlyMemory<byte> item = cursor.Read(type.Size);
            ReadOnlySpan<byte> text = type.Class == Hdf5Class.Text ? item.Span : Variable(item).Span;
            _owner.File.Reserve(64 + (2 * text.Length), _owner.Place);
            texts.Add(Text(text));
        }

        return texts;
    }

    /// <summary>Decodes UTF-8 up to the first zero byte.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private ReadOnlyMemory<byte> Variable(ReadOnlyMemory<byte> item)
    {
        Hdf5Cursor cursor = _owner.Cursor(item);
        long length = cursor.UInt32();
        long address = cursor.Int64();
        int index = (int)cursor.UInt32();
        if (length == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        ReadOnlyMemory<byte> found = _owner.File.GlobalObject(address, index, _owner.Place);
        return length <= found.Length
            ? found[..(int)length]
            : throw _owner.Refuse($"its attribute '{Name}' is longer than what the heap holds");
    }
}
