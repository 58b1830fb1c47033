using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>
/// Brings a named network's weights into the user's folder: downloads them from their publisher, or copies a file.
/// </summary>
internal static class BodyPull
{
    /// <summary>The environment variable with the address of a mirror.</summary>
    public const string MirrorVariable = "GRAFT_WEIGHTS_URL";

    /// <summary>Downloads a network's weights, unless they are there, and checks that they fit.</summary>
    /// <param name="store">The user's folder.</param>
    /// <param name="entry">The network.</param>
    /// <param name="mirror">
    /// Address of a folder with the publisher's files under their names. Null uses <see cref="MirrorVariable"/>, or
    /// else the publisher.
    /// </param>
    /// <param name="progress">Receives <see cref="Progressed"/> and warnings; may be null.</param>
    /// <param name="limits">Limits and retries of the download.</param>
    /// <param name="cancel">Stops the download; its first part stays for the next one.</param>
    /// <returns>The path of the weight file.</returns>
    /// <exception cref="GraftException">
    /// No address is known, the download ends in an error, or the weights do not fit the network.
    /// </exception>
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
        KnownWeights weights = entry.DownloadableWeights ?? throw MissingWeightsException.OfDownload(entry);
        Uri address = AddressOf(weights, mirror ?? Environment.GetEnvironmentVariable(MirrorVariable));
        string target = Path.Combine(Folder(store, entry), FileNameOf(weights));
        if (!IsDownloaded(target, weights))
        {
            using WeightDownload download = new(address, target, weights.Sha256, progress, limits);
            download.Run(cancel).GetAwaiter().GetResult();
        }

        CheckFit(entry, target);
        RemoveOthers(target);
        return target;
    }

    // Checks the hash again, because the file may have been damaged since its download.
    private static bool IsDownloaded(string target, KnownWeights weights)
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

    // Deletes a file that does not fit the network, so that no training finds it.
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

    /// <summary>Checks that a file's weights fit the network, and stores a copy.</summary>
    /// <returns>The path of the copy, and the body with these weights.</returns>
    /// <exception cref="GraftException">The file cannot be read, copied, or does not fit the network.</exception>
    public static (string Path, Body Body) Add(BodyStore store, BodyEntry entry, string file)
    {
        store.RequireRoot();
        Body body = BodyLoader.FromFile(entry, file, preprocessing: null);
        string target = Path.Combine(Folder(store, entry), Path.GetFileName(file));
        try
        {
            if (Path.GetFullPath(file) != target)
            {
                string beside = AtomicFile.TemporaryPathOf(target);
                File.Copy(file, beside, overwrite: true);
                File.Move(beside, target, overwrite: true);
            }

            RemoveOthers(target);
            return (target, body);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(target)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + $"set {BodyStore.HomeVariable} to a folder that you may write",
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
                $"'{Printable.Text(mirror)}' cannot be the mirror: it is not the address of a folder, "
                    + "such as https://example.org/weights"
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
                $"'{Printable.Text(folder)}' cannot be created: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + $"set {BodyStore.HomeVariable} to a folder that you may write",
                error
            );
        }
    }

    // A network has one weight file: the last one that was downloaded or added.
    private static void RemoveOthers(string target)
    {
        foreach (string other in Directory.EnumerateFiles(Path.GetDirectoryName(target)!).Where(file => file != target))
        {
            File.Delete(other);
        }
    }
}
