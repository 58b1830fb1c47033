using System.Text;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the bytes of a pickle in order, through a small window, because a legacy file does not tell how long its
/// pickles are.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="name">Name of the pickle, for messages.</param>
/// <param name="firstByte">Offset of its first byte.</param>
internal sealed class PickleReader(WeightBytes file, string name, long firstByte)
{
    /// <summary>Longest pickle in bytes. A network of ten thousand tensors takes two million.</summary>
    private const long MaximumLength = 16L << 20;
    private const int MaximumCopies = 500_000;
    private const int MaximumLineLength = 1024;
    private readonly byte[] _window = new byte[Math.Min(16 << 10, file.Length)];
    private int _windowLength;
    private int _next;
    private long _windowStart = firstByte;
    private readonly long _start = firstByte;
    private long _copied;

    /// <summary>Offset of the next byte.</summary>
    public long Position => _windowStart + _next;

    /// <summary>The current opcode, for messages.</summary>
    public byte Opcode { get; set; }

    /// <summary>Storages that tensors refer to, by key.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = [];

    /// <summary>Counts copied items, because a hostile file can copy one long list again and again.</summary>
    public void CountCopies(int items)
    {
        _copied += items;
        if (_copied > MaximumCopies)
        {
            throw Refuse($"copies more than {MaximumCopies} items");
        }
    }

    /// <summary>Reads one byte.</summary>
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
                        ? "ends before its last opcode; the file is cut short"
                        : $"is longer than {MaximumLength} bytes"
                );
            }
        }

        return _window[_next++];
    }

    /// <summary>
    /// Reads a little-endian number of 1 to 8 bytes; with 8 bytes it is negative where the top bit is set.
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

    /// <summary>Reads bytes; checks their number against the file's length before memory is reserved.</summary>
    public byte[] ReadBytes(long count)
    {
        if (count < 0 || count > file.Length - Position || count > MaximumLength - (Position - _start))
        {
            throw Refuse($"lacks some of the next {count} bytes; the file is cut short or damaged");
        }

        byte[] bytes = new byte[count];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = ReadByte();
        }

        return bytes;
    }

    /// <summary>Reads <paramref name="count"/> bytes of UTF-8.</summary>
    public string ReadText(long count) => Text(ReadBytes(count));

    /// <summary>Reads text up to a line feed, and skips the line feed.</summary>
    public string ReadLine()
    {
        List<byte> line = [];
        for (byte next = ReadByte(); next != (byte)'\n'; next = ReadByte())
        {
            if (line.Count == MaximumLineLength)
            {
                throw Refuse($"has a name of more than {MaximumLineLength} bytes");
            }

            line.Add(next);
        }

        return Text([.. line]);
    }

    /// <summary>An error that names the pickle, the byte and the opcode; the caller throws it.</summary>
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
            throw Refuse("has a text that is not UTF-8", error);
        }
    }

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );
}
