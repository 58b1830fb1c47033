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
        string? path = MachineLines.PathOf(cache, FileName);
        string[] passed = path is null ? [] : MachineLines.Read(path);
        if (passed.Contains(fingerprint))
        {
            return;
        }

        check();
        if (path is not null)
        {
            // where it cannot be written, the next run checks again, and the cache reports the reason
            MachineLines.Append(path, passed, fingerprint);
        }
    }
}
