using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>A small text file beside the cache that holds one line for each machine that uses it.</summary>
internal static class MachineLines
{
    private const int MaxLines = 32; // machines may share a home folder
    private const long MaxFileBytes = 1 << 16;

    /// <summary>Path of a file in the cache's folder; null where nothing is kept.</summary>
    public static string? PathOf(CacheOptions cache, string name) =>
        cache.IsOn && cache.FullFolder.Length > 0 ? Path.Combine(cache.FullFolder, name) : null;

    /// <summary>The lines of a file; none where it does not exist, is too large or cannot be read.</summary>
    public static string[] Read(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length <= MaxFileBytes ? File.ReadAllLines(path) : [];
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return [];
        }
    }

    /// <summary>Writes the newest of some lines and one more. False where the file cannot be written.</summary>
    public static bool Append(string path, IEnumerable<string> lines, string last)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, string.Join('\n', [.. lines.TakeLast(MaxLines - 1), last]) + "\n");
            return true;
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return false;
        }
    }
}
