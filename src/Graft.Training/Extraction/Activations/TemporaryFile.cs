using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Extraction;

/// <summary>
/// A file in the system's temporary folder for numbers that would fill the memory. Deleted when disposed. Not mapped,
/// because mapped pages count as memory of the process.
/// </summary>
/// <exception cref="GraftException">Every method: the folder has no room or cannot be written.</exception>
internal sealed class TemporaryFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _folder;

    /// <param name="bytes">Size of the file.</param>
    /// <param name="folder">Null: the system's folder for temporary files.</param>
    public TemporaryFile(long bytes, string? folder = null)
    {
        _folder = folder ?? Path.GetTempPath();
        try
        {
            _file = File.OpenHandle(
                Path.Combine(_folder, Path.GetRandomFileName()),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                FileOptions.DeleteOnClose,
                bytes
            );
        }
        catch (Exception error) when (IsRefusal(error))
        {
            throw Refused(error);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (Exception error) when (IsRefusal(error))
        {
            throw Refused(error);
        }
    }

    /// <summary>Fills all of <paramref name="bytes"/>.</summary>
    public void Read(long offset, Span<byte> bytes)
    {
        try
        {
            for (int read = 0; read < bytes.Length;)
            {
                int some = RandomAccess.Read(_file, bytes[read..], offset + read);
                read += some > 0 ? some : throw new EndOfStreamException("it ends early");
            }
        }
        catch (Exception error) when (IsRefusal(error))
        {
            throw Refused(error);
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsRefusal(Exception error) => error is IOException or UnauthorizedAccessException;

    private GraftException Refused(Exception error) =>
        new(
            $"'{Printable.Text(_folder)}' cannot hold the probe's features: {error.Message.TrimEnd('.')}; "
                + "make room or set TMPDIR to another folder",
            error
        );
}
