using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// Writes pickles opcode by opcode, including ones that Python never writes, and the zip archive of PyTorch around
/// them.
/// </summary>
internal sealed class PickleBytes
{
    private readonly List<byte> _bytes = [];

    public byte[] Done => [.. _bytes, (byte)'.'];

    public PickleBytes Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBytes Op(char opcode) => Raw((byte)opcode);

    public PickleBytes Protocol(byte version) => Raw(0x80, version);

    public PickleBytes Global(string module, string name) => Raw(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    /// <summary>Pushes a global in the form of protocol 4.</summary>
    public PickleBytes StackGlobal(string module, string name) => Text(module).Text(name).Raw(0x93);

    public PickleBytes Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Raw((byte)'X').Raw(length).Raw(utf8);
    }

    public PickleBytes Int(long value)
    {
        byte[] number = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        return Raw(0x8a, 8).Raw(number);
    }

    public PickleBytes Tuple(params long[] values)
    {
        Op('(');
        foreach (long value in values)
        {
            Int(value);
        }

        return Op('t');
    }

    /// <summary>Pushes a tensor as torch.save writes it: a storage and a view of it.</summary>
    public PickleBytes Tensor(
        string key,
        long count,
        long offset,
        long[] shape,
        long[] strides,
        string storage = "FloatStorage"
    ) =>
        this.Global("torch._utils", "_rebuild_tensor_v2")
            .Op('(')
            .Op('(')
            .Text("storage")
            .Global("torch", storage)
            .Text(key)
            .Text("cpu")
            .Int(count)
            .Op('t')
            .Op('Q')
            .Int(offset)
            .Tuple(shape)
            .Tuple(strides)
            .Raw(0x89)
            .Op('}')
            .Op('t')
            .Op('R');

    /// <summary>The pickle of {name: value}; <paramref name="value"/> pushes the value.</summary>
    public static byte[] Dictionary(string name, Func<PickleBytes, PickleBytes> value) =>
        value(new PickleBytes().Protocol(2).Op('}').Text(name)).Op('s').Done;

    public static byte[] Zip(
        byte[] pickle,
        Dictionary<string, byte[]>? entries = null,
        CompressionLevel level = CompressionLevel.NoCompression
    )
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in (entries ?? []).Prepend(new("data.pkl", pickle)))
            {
                using Stream entry = zip.CreateEntry($"archive/{name}", level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The numbers 0, 1, 2 and so on as float32.</summary>
    public static byte[] Floats(int count)
    {
        byte[] bytes = new byte[count * 4];
        Buffer.BlockCopy(Enumerable.Range(0, count).Select(i => (float)i).ToArray(), 0, bytes, 0, bytes.Length);
        return bytes;
    }
}
