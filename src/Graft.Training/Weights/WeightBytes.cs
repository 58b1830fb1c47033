using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Weights;

/// <summary>
/// The bytes that a weight reader reads: a file or memory. Each tensor of a file is read once, straight into the array
/// that it keeps, so that a
/// file costs its own size in memory and a tensor nobody wants is freed alone. No mapping: a file cut short by somebody
/// else while mapped ends
/// the process, and what was checked must be what is used.
/// </summary>
internal sealed class WeightBytes : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly ReadOnlyMemory<byte> _memory;

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

    /// <summary>The file's name, for messages.</summary>
    public string Path { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <exception cref="WeightFileException">The file is missing, a folder, or not readable.</exception>
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
                error is FileNotFoundException or DirectoryNotFoundException ? "no such file; check the path"
                : Directory.Exists(path) ? "it is a folder; name a file in it"
                : error.Message;
            throw new WeightFileException(path, "the file", reason, error);
        }
    }

    /// <summary>All of a stream, an embedded resource for instance; the stream is not closed.</summary>
    public static WeightBytes From(string name, Stream stream)
    {
        using MemoryStream copy = stream.CanSeek
            ? new MemoryStream((int)Math.Min(stream.Length, Array.MaxLength))
            : new MemoryStream();
        stream.CopyTo(copy);
        return new WeightBytes(name, copy.GetBuffer().AsMemory(0, (int)copy.Length));
    }

    /// <summary>
    /// Exactly <paramref name="count"/> bytes from <paramref name="offset"/>; of memory, a slice of it. Messages name
    /// <paramref name="place"/>.
    /// </summary>
    /// <exception cref="WeightFileException">They reach past the end; checked before anything is reserved.</exception>
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

    /// <summary>Up to <paramref name="target"/>'s length; 0 at the end.</summary>
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

    /// <summary>The error that names this file.</summary>
    public WeightFileException Refuse(string place, string reason, Exception? inner = null) =>
        new(Path, place, reason, inner);

    public void Dispose() => _file?.Dispose();
}
