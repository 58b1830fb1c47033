using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>
/// Brings a named network's weights into the user's folder: fetched from their publisher, or copied from a file.
/// </summary>
internal static class BodyPull
{
    /// <summary>The environment variable that names another server than the publisher's.</summary>
    public const string MirrorVariable = "GRAFT_WEIGHTS_URL";

    /// <summary>The weights that can be fetched; null where no address or no hash is known.</summary>
    public static KnownWeights? Source(BodyEntry entry) =>
        entry.Weights.FirstOrDefault(w => w.Address is not null && w.Sha256.Length >= 8);

    /// <summary>Whether training can start with what is there.</summary>
    public static bool IsOnDisk(BodyStore store, BodyEntry entry) =>
        store.WeightsOf(entry) is not null || entry.Weights.Any(w => w.Resource is not null);

    /// <param name="mirror">The address of a folder that holds the publisher's files under their names; null:
    /// GRAFT_WEIGHTS_URL, or the publisher.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="GraftException">Nothing is known to fetch, it cannot be fetched, or it does not fit the
    /// network: lists the names.</exception>
    public static string Pull(
        BodyStore store,
        BodyEntry entry,
        string? mirror,
        IProgress<TrainingEvent>? progress,
        DownloadLimits limits,
        CancellationToken cancel
    )
    {
        store.RequireRoot();
        KnownWeights weights = Source(entry)
            ?? throw new GraftException(
                $"'{entry.Name}' cannot be fetched: no address with a checksum is known for its weights; add a file with `graft bodies add {entry.Name} FILE`"
            );
        Uri address = AddressOf(weights, mirror ?? Environment.GetEnvironmentVariable(MirrorVariable));
        string target = Path.Combine(Folder(store, entry), FileNameOf(weights));
        if (!IsThere(target, weights))
        {
            using WeightDownload download = new(address, target, weights.Sha256, progress, limits);
            download.Run(cancel).GetAwaiter().GetResult();
        }

        CheckFit(entry, target);
        RemoveOthers(target);
        return target;
    }

    // A file that was fetched before may have been damaged since.
    private static bool IsThere(string target, KnownWeights weights)
    {
        if (!File.Exists(target))
        {
            return false;
        }

        if (BodyLoader.Hash(target).StartsWith(weights.Sha256, StringComparison.Ordinal))
        {
            return true;
        }

        File.Delete(target);
        return false;
    }

    // The right bytes of another network than the catalogue says are of no use, and training must not find them.
    private static void CheckFit(BodyEntry entry, string target)
    {
        try
        {
            BodyLoader.FromFile(entry, target, preprocessing: null);
        }
        catch (GraftException)
        {
            File.Delete(target);
            throw;
        }
    }

    /// <summary>Checks that a file's weights fit the network and keeps a copy.</summary>
    /// <returns>The path of the copy, and the body that it makes.</returns>
    /// <exception cref="GraftException">The file cannot be read or does not fit; lists the names.</exception>
    public static (string Path, Body Body) Add(BodyStore store, BodyEntry entry, string file)
    {
        store.RequireRoot();
        Body body = BodyLoader.FromFile(entry, file, preprocessing: null);
        string target = Path.Combine(Folder(store, entry), Path.GetFileName(file));
        try
        {
            if (Path.GetFullPath(file) != target)
            {
                string beside = AtomicFile.BesideOf(target);
                File.Copy(file, beside, overwrite: true);
                File.Move(beside, target, overwrite: true);
            }

            RemoveOthers(target);
            return (target, body);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(target)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; set {BodyStore.Variable} to a folder of yours",
                error
            );
        }
    }

    private static Uri AddressOf(KnownWeights weights, string? mirror)
    {
        if (string.IsNullOrEmpty(mirror))
        {
            return new(weights.Address!);
        }

        bool isAddress =
            Uri.TryCreate(mirror.TrimEnd('/') + "/" + FileNameOf(weights), UriKind.Absolute, out Uri? address)
            && address.Scheme is "http" or "https";
        return isAddress
            ? address!
            : throw new GraftException(
                $"'{Printable.Text(mirror)}' cannot be the mirror: it takes the address of a folder, such as https://example.org/weights"
            );
    }

    private static string FileNameOf(KnownWeights weights) =>
        weights.Address![(weights.Address!.LastIndexOf('/') + 1)..];

    private static string Folder(BodyStore store, BodyEntry entry)
    {
        string folder = store.WeightsFolder(entry);
        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be made: {Printable.Text(error.Message.TrimEnd('.'))}; set {BodyStore.Variable} to a folder of yours",
                error
            );
        }
    }

    // One file a network: the last one that was fetched or added is the one that is used.
    private static void RemoveOthers(string target)
    {
        foreach (string other in Directory.EnumerateFiles(Path.GetDirectoryName(target)!).Where(file => file != target))
        {
            File.Delete(other);
        }
    }
}
