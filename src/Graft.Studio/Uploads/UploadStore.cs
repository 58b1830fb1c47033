using System.Collections.Concurrent;
using System.Globalization;

namespace Graft.Studio;

/// <summary>
/// What is dropped on the page, in the studio's own folder beside the runs. What was opened stays, as runs refer to it.
/// The rest is deleted. Thread-safe.
/// </summary>
internal sealed class UploadStore(StudioOptions options) : IDisposable
{
    private readonly string _folder = Path.Combine(options.OwnFolder, "dropped");
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    /// <summary>Begins an upload.</summary>
    /// <returns>Its name.</returns>
    public string Begin()
    {
        string time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        for (int number = 1; ; number++)
        {
            string name = $"{time}-{number}";
            string folder = Path.Combine(_folder, name);
            Upload upload = new(folder, options.UploadBytes, options.Training.Limits.FolderDepth);
            if (!Directory.Exists(folder) && _uploads.TryAdd(name, upload))
            {
                return name;
            }
        }
    }

    /// <summary>An upload that was begun.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Upload Find(string name) =>
        _uploads.TryGetValue(name, out Upload? upload)
            ? upload
            : throw new NotFoundException("There is no such upload; drop the files again.");

    /// <summary>Ends an upload whose files stay.</summary>
    public void Keep(string name) => _uploads.TryRemove(name, out _);

    /// <summary>Ends an upload and deletes its files.</summary>
    public void Discard(string name)
    {
        if (_uploads.TryRemove(name, out Upload? upload))
        {
            upload.Delete();
        }
    }

    /// <summary>Deletes what was not opened.</summary>
    public void Dispose()
    {
        foreach (string name in _uploads.Keys)
        {
            Discard(name);
        }
    }
}
