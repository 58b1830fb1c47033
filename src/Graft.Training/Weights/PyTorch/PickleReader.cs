using System.Text;

namespace Graft.Training.Weights;

/// <summary>
/// Reads a pickle's bytes one after the other, through a small window: a legacy file does not say how long its pickles
/// are.
/// </summary>
internal sealed class PickleReader(WeightBytes file, string name, long firstByte)
{
    /// <summary>In bytes. A network of ten thousand tensors takes two million.</summary>
    private const long MaximumLength = 16L << 20;
    private const int MaximumCopies = 500_000;
    private const int MaximumLineLength = 1024;
    private readonly byte[] _window = new byte[Math.Min(16 << 10, file.Length)];
    private int _windowLength;
    private int _next;
    private long _windowStart = firstByte;
    private readonly long _start = firstByte;
    private long _charged;

    /// <summary>The next byte's offset from the file's or entry's beginning.</summary>
    public long Position => _windowStart + _next;

    /// <summary>The opcode being executed, for messages.</summary>
    public byte Opcode { get; set; }

    /// <summary>The storages that tensors have named so far.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = [];

    /// <summary>Counts what is copied by calls, which could otherwise copy one long list again and again.</summary>
    public void CountCopies(int items)
    {
        _charged += items;
        if (_charged > MaximumCopies)
        {
            throw Refuse($"copies more than {MaximumCopies} items");
        }
    }

    public byte ReadByte()
    {
        if (_next == _windowLength)
        {
            _windowStart += _windowLength;
            _next = 0;
            _windowLength = file.ReadSome(_windowStart, _window, name);
            if (_windowLength == 0 || Position - _start > MaximumLength)
            {
                throw Refuse(
                    _windowLength == 0
                        ? "it ends in the middle; the file is cut short"
                        : $"longer than {MaximumLength} bytes"
                );
            }
        }

        return _window[_next++];
    }

    /// <summary>
    /// A little-endian number of <paramref name="width"/> bytes, 1 to 8; of 8, negative where the top bit is set.
    /// </summary>
    public long ReadNumber(int width)
    {
        ulong number = 0;
        for (int i = 0; i < width; i++)
        {
            number |= (ulong)ReadByte() << (8 * i);
        }

        return (long)number;
    }

    /// <summary>Checked against the file's length before it is reserved.</summary>
    public byte[] ReadBytes(long count)
    {
        if (count < 0 || count > file.Length - Position || count > MaximumLength - (Position - _start))
        {
            throw Refuse($"{count} bytes do not follow; the file is cut short or damaged");
        }

        byte[] bytes = new byte[count];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = ReadByte();
        }

        return bytes;
    }

    public string ReadText(long count) => Text(ReadBytes(count));

    /// <summary>Up to a line feed, which is left out.</summary>
    public string ReadLine()
    {
        List<byte> line = [];
        for (byte next = ReadByte(); next != (byte)'\n'; next = ReadByte())
        {
            if (line.Count == MaximumLineLength)
            {
                throw Refuse($"a name of more than {MaximumLineLength} bytes");
            }

            line.Add(next);
        }

        return Text([.. line]);
    }

    public WeightFileException Refuse(string reason, Exception? inner = null) =>
        file.Refuse($"{name}, byte {Position} (opcode 0x{Opcode:x2})", reason, inner);

    private string Text(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw Refuse("a text that is not UTF-8", error);
        }
    }

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );
}
