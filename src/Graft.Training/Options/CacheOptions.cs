using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>
/// The cache of activations between runs. It changes no result, only the time of a training.
/// </summary>
public sealed record CacheOptions
{
    /// <summary>Environment variable that names the folder.</summary>
    public const string Variable = "GRAFT_CACHE";

    // The default limit is a quarter of the free disk space, at most 64 GiB.
    private const int ShareOfDisk = 4;
    private const long MostByDefault = 64L << 30;

    /// <summary>Smallest <see cref="LimitBytes"/>: 1 MB. Less has no room for anything.</summary>
    internal const long LeastLimit = 1_000_000;

    /// <summary>False: nothing is kept after the run, and nothing from earlier runs is used.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>
    /// Folder of the cache. Null: the environment variable GRAFT_CACHE, or graft/activations in the platform's folder
    /// for caches (~/.cache on Linux).
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Largest size of the cache, in bytes, at least 1,000,000. The entries that were unused for longest are deleted
    /// first. Null: a quarter of the free disk space, at most 64 GiB.
    /// </summary>
    public long? LimitBytes { get; init; }

    /// <summary>
    /// Bytes that wait in memory until they are written together. A commit is expensive, but rows that wait long are
    /// collected late by the garbage collector. 1 MiB; less in tests.
    /// </summary>
    internal int PendingBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Room that decides the number of random views, in bytes, where another process has chosen it. Null: that of the
    /// cache.
    /// </summary>
    internal long? ViewRoom { get; init; }

    /// <summary>Full path of the folder; empty where the user has no folder for caches.</summary>
    internal string FullFolder
    {
        get
        {
            string? named = Folder ?? Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(named))
            {
                return Path.GetFullPath(named);
            }

            string? caches = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(caches) || !Path.IsPathRooted(caches))
            {
                string home = Environment.GetFolderPath(
                    Environment.SpecialFolder.UserProfile,
                    Environment.SpecialFolderOption.DoNotVerify
                );
                caches =
                    home.Length == 0 ? "" : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
            }

            return caches.Length == 0 ? "" : Path.Combine(caches, "graft", "activations");
        }
    }

    /// <summary>The limit, or its default.</summary>
    /// <param name="heldBytes">Current size of the cache, in bytes.</param>
    internal long LimitFor(long heldBytes)
    {
        if (LimitBytes is long limit)
        {
            return limit;
        }

        try
        {
            return Math.Min(MostByDefault, (new DriveInfo(FullFolder).AvailableFreeSpace + heldBytes) / ShareOfDisk);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return MostByDefault / ShareOfDisk; // the free disk space is unknown
        }
    }

    internal void Check(OptionProblems problems)
    {
        if (LimitBytes is not null && !IsOn)
        {
            problems.Add(
                nameof(LimitBytes),
                "",
                "it has no effect when the cache is off; leave it out, or leave the cache on"
            );
        }

        if (LimitBytes is < LeastLimit)
        {
            problems.Add(nameof(LimitBytes), $"{LimitBytes}", $"it must be at least {LeastLimit} bytes");
        }
    }

    internal string Described => Printable.Text(FullFolder);
}
