using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>
/// Checks before every training that the machine computes correctly. A file beside the cache remembers what has passed,
/// by a fingerprint of the processor, the system, the native libraries and Graft. A later run then needs milliseconds.
/// Without a cache every process checks.
/// </summary>
internal static class CheckedEngines
{
    /// <summary>Name of the file in the cache's folder: one fingerprint on each line.</summary>
    public const string FileName = "checked-engines.txt";

    private const int MaxFingerprints = 32; // machines may share a home folder
    private const long MaxFileBytes = 1 << 16;

    // Once in a process is enough: all its trainings use the same libraries.
    private static readonly Lazy<IReadOnlyList<EngineCheck>> s_check = new(() => SelfCheck.Run(TimeProvider.System));

    /// <summary>Checks the engines unless this machine has passed with these libraries before.</summary>
    /// <exception cref="GraftException">An engine computes wrongly; the message names it.</exception>
    public static void Require(CacheOptions cache) =>
        Require(cache, MachineFingerprint.Compute(), () => _ = s_check.Value);

    /// <inheritdoc cref="Require(CacheOptions)"/>
    /// <param name="cache">Where the fingerprints are kept.</param>
    /// <param name="fingerprint">Fingerprint of this machine.</param>
    /// <param name="check">Throws if an engine computes wrongly.</param>
    internal static void Require(CacheOptions cache, string fingerprint, Action check)
    {
        string path = cache.IsOn && cache.FullFolder.Length > 0 ? Path.Combine(cache.FullFolder, FileName) : "";
        string[] passed = Read(path);
        if (passed.Contains(fingerprint))
        {
            return;
        }

        check();
        if (path.Length > 0)
        {
            Write(path, [.. passed.TakeLast(MaxFingerprints - 1), fingerprint]);
        }
    }

    private static string[] Read(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length <= MaxFileBytes ? File.ReadAllLines(path) : [];
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return []; // the engines are checked again
        }
    }

    private static void Write(string path, string[] lines)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, string.Join('\n', lines) + "\n");
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            // The folder cannot be written. The next run checks again, and the cache reports the reason.
            return;
        }
    }
}
