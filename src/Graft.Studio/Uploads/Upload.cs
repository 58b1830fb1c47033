using Graft.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Graft.Studio;

/// <summary>Files that are on their way from the page. Thread-safe.</summary>
/// <param name="folder">Full path of the folder that they are written to.</param>
/// <param name="mostBytes">Most bytes of all files together.</param>
/// <param name="deepest">Deepest level of nested folders.</param>
internal sealed class Upload(string folder, long mostBytes, int deepest)
{
    private const int MostFiles = 500_000;
    private const int BufferBytes = 128 * 1024;

    private long _bytes;
    private int _files;

    /// <summary>Writes a file while it arrives.</summary>
    /// <param name="path">Its path in what was dropped. Untrusted text.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancel">Stops the writing; half a file is deleted.</param>
    /// <exception cref="GraftException">The path cannot be used, or a limit is exceeded.</exception>
    public async Task AddAsync(string path, Stream content, CancellationToken cancel)
    {
        string full = UploadPath.Of(folder, path, deepest);
        if (Interlocked.Increment(ref _files) > MostFiles)
        {
            throw Refused(path, $"more than {MostFiles:N0} files were dropped; divide them into several folders");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            FileStream file = new(full, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            await using (file.ConfigureAwait(false))
            {
                await FillAsync(path, content, file, cancel).ConfigureAwait(false);
            }
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            throw Refused(path, Printable.Text(error.Message.TrimEnd('.')), error);
        }
    }

    /// <summary>What was dropped: the only file or folder, or the folder with all of them.</summary>
    /// <exception cref="GraftException">Nothing was.</exception>
    public string Root()
    {
        string[] entries = Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
        return entries.Length switch
        {
            0 => throw new GraftException("nothing can be opened: no file was dropped"),
            1 => entries[0],
            _ => folder,
        };
    }

    /// <summary>Deletes all files.</summary>
    public void Delete()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task FillAsync(string path, Stream content, FileStream file, CancellationToken cancel)
    {
        try
        {
            await CopyAsync(path, content, file, cancel).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            File.Delete(file.Name);
            throw;
        }
    }

    private async Task CopyAsync(string path, Stream content, FileStream file, CancellationToken cancel)
    {
        byte[] buffer = new byte[BufferBytes];
        for (
            int read = await content.ReadAsync(buffer, cancel).ConfigureAwait(false);
            read > 0;
            read = await content.ReadAsync(buffer, cancel).ConfigureAwait(false)
        )
        {
            if (Interlocked.Add(ref _bytes, read) > mostBytes)
            {
                throw Refused(path, $"more than {mostBytes:N0} bytes were dropped; raise the limit or open a path");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
        }
    }

    private static GraftException Refused(string path, string reason, Exception? error = null) =>
        new($"'{Printable.Text(path)}' cannot be opened: {reason}", error);
}
