using Graft.Training.Bodies;

namespace Graft.Training;

/// <summary>A body of the catalogue has no weights on this machine.</summary>
public sealed class MissingWeightsException : GraftException
{
    private MissingWeightsException(BodyEntry entry, string reason)
        : base($"'{entry.Name}' cannot be {reason}")
    {
        (Subject, Reason) = (entry.Name, reason);
        CanBeDownloaded = entry.DownloadableWeights is not null;
    }

    /// <summary>Whether <see cref="BodyCatalog"/> knows an address for the weights.</summary>
    public bool CanBeDownloaded { get; }

    internal static MissingWeightsException OfLoading(BodyEntry entry)
    {
        string download = entry.DownloadableWeights is null ? "" : "download them, ";
        string package = entry.PackagedWeights is { Packaged: { } packaged }
            ? $"reference the package {packaged.Package}, "
            : "";
        return new(
            entry,
            $"loaded: its weights are not on this machine; {package}{download}add a file of them, "
                + "or choose a weight file"
        );
    }

    internal static MissingWeightsException OfDownload(BodyEntry entry) =>
        new(entry, "downloaded: no address with a checksum is known for its weights; add a file of them");
}
