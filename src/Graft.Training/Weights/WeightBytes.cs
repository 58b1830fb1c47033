using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Weights;

/// <summary>
/// The bytes of a weight file or of a block of memory. Each tensor of a file is read once into an array of its own. A
/// file therefore costs its size in memory, and unused tensors are freed one by one.
/// </summary>
/// <remarks>
/// The file is not mapped into memory. If another process shortens a mapped file, this process dies, and the bytes
/// that are used could differ from those that were checked.
/// </remarks>
internal sealed class WeightBytes : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly ReadOnlyMemory<byte> _memory;

    /// <summary>Reads from memory; messages call it <paramref name="path"/>.</summary>
    public WeightBytes(string path, ReadOnlyMemory<byte> memory)
    {
        Path = path;
        _memory = memory;
        Length = memory.Length;
    }

    private WeightBytes(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    /// <summary>Path of the file, for messages.</summary>
    public string Path { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="WeightFileException">The file is missing, is a folder, or cannot be read.</exception>
    public static WeightBytes Open(string path)
    {
        try
        {
            return new WeightBytes(path, File.OpenHandle(path));
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string reason =
                error is FileNotFoundException or DirectoryNotFoundException ? "there is no such file; check the path"
                : Directory.Exists(path) ? "it is a folder; name a file in it"
                : error.Message;
            throw new WeightFileException(path, "the file", reason, error);
        }
    }

    /// <summary>Copies a whole stream, such as an embedded resource. Does not close the stream.</summary>
    public static WeightBytes From(string name, Stream stream)
    {
        using MemoryStream copy = stream.CanSeek
            ? new MemoryStream((int)Math.Min(stream.Length, Array.MaxLength))
            : new MemoryStream();
        stream.CopyTo(copy);
        return new WeightBytes(name, copy.GetBuffer().AsMemory(0, (int)copy.Length));
    }

    /// <summary>Reads exactly <paramref name="count"/> bytes; from memory, returns a slice of it.</summary>
    /// <param name="offset">Offset of the first byte.</param>
    /// <param name="count">Number of bytes.</param>
    /// <param name="place">What the bytes are, for messages.</param>
    /// <exception cref="WeightFileException">
    /// The bytes reach past the end. This is checked before memory is reserved.
    /// </exception>
    public ReadOnlyMemory<byte> Read(long offset, long count, string place)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
        {
            throw Refuse(
                place,
                $"needs {count} bytes at {offset} of a file of {Length}; the file is cut short or damaged"
            );
        }

        if (count > Array.MaxLength)
        {
            throw Refuse(place, $"{count} bytes in one piece; at most {Array.MaxLength} are read");
        }

        if (_file is null)
        {
            return _memory.Slice((int)offset, (int)count);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)count);
        ReadExactly(offset, bytes, place);
        return bytes;
    }

    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/>.</summary>
    public void ReadExactly(long offset, Span<byte> target, string place)
    {
        while (target.Length > 0)
        {
            int read = ReadSome(offset, target, place);
            if (read == 0)
            {
                throw Refuse(place, $"the file ends at byte {offset}; it is cut short or being written");
            }

            target = target[read..];
            offset += read;
        }
    }

    /// <summary>Reads up to the length of <paramref name="target"/>; returns 0 at the end.</summary>
    public int ReadSome(long offset, Span<byte> target, string place)
    {
        if (_file is null)
        {
            int count = (int)Math.Clamp(Length - offset, 0, target.Length);
            _memory.Span.Slice(count == 0 ? 0 : (int)offset, count).CopyTo(target);
            return count;
        }

        try
        {
            return RandomAccess.Read(_file, target, offset);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException(Path, place, error.Message, error);
        }
    }

    /// <summary>An error that names this file; the caller throws it.</summary>
    public WeightFileException Refuse(string place, string reason, Exception? inner = null) =>
        new(Path, place, reason, inner);

    public void Dispose() => _file?.Dispose();
}
