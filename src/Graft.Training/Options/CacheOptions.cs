using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>
/// Where the results of the frozen part are kept between runs. They change no result, only the time it takes.
/// </summary>
public sealed record CacheOptions
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "GRAFT_CACHE";

    /// <summary>A user who gives no limit keeps this much of the disk at most, 64 GiB at most.</summary>
    private const int ShareOfDisk = 4;
    private const long MostByDefault = 64L << 30;

    /// <summary>The least that <see cref="LimitBytes"/> may say: 1 MB, below which nothing fits.</summary>
    internal const long LeastLimit = 1_000_000;

    /// <summary>False: nothing is kept after the run, and nothing of an earlier run is used.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>
    /// The folder; null: GRAFT_CACHE, or graft/activations in the platform's folder for caches (~/.cache on Linux).
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// What the cache may take of the disk, in bytes; what was not used for longest goes first. Null: a quarter of what
    /// is free, at most 64 GiB.
    /// </summary>
    public long? LimitBytes { get; init; }

    /// <summary>
    /// What waits in memory until it is written together: a commit has its price, and rows that wait long are collected
    /// late. 1 MiB; less in tests.
    /// </summary>
    internal int PendingBytes { get; init; } = 1 << 20;

    /// <summary>The folder in full; empty where the user has none.</summary>
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

    /// <param name="heldBytes">What the cache takes now.</param>
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
            return MostByDefault / ShareOfDisk; // the system does not say how much is free
        }
    }

    internal void Check(OptionProblems problems)
    {
        if (LimitBytes is < LeastLimit)
        {
            problems.Add(nameof(LimitBytes), $"{LimitBytes}", $"it must be at least {LeastLimit} bytes");
        }
    }

    internal string Described => Printable.Text(FullFolder);
}
