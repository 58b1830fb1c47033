using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Result of reading a file: exactly one of the three is not null.</summary>
internal sealed record Examined(LabelledImage? Image, RejectedImage? Rejected, string? NotAnImage)
{
    /// <summary>Class that the data give the file; null where they give none.</summary>
    public string? Label { get; private init; }

    /// <summary>
    /// Reads the length and the first bytes of a file and, if it is an image, the whole file for its hash.
    /// </summary>
    public static Examined Look(ScannedFile candidate, DecodeLimits limits) =>
        Read(candidate, limits) with
        {
            Label = candidate.Label,
        };

    /// <summary>Reads and hashes an image that was given as an object.</summary>
    public static async ValueTask<Examined> ReadAsync(
        LabelledImage image,
        DecodeLimits limits,
        CancellationToken cancel
    )
    {
        try
        {
            byte[] bytes = await image.ReadBytesAsync(limits, cancel).ConfigureAwait(false);
            ImageFileSummary file = ImageFile.Examine(bytes, image.Name);
            return file.Problem is null
                ? new(image with { ContentHash = file.ContentHash }, null, null) { Label = image.Label }
                : throw file.Problem;
        }
        catch (ImageException error)
        {
            return new(null, RejectedImage.Of(image.Name, error), null) { Label = image.Label };
        }
    }

    private static Examined Read(ScannedFile candidate, DecodeLimits limits)
    {
        bool isMeant = candidate.IsListed || ImageFormats.IsMeant(candidate.Path);
        if (candidate.Problem is not null && isMeant)
        {
            return new(null, candidate.Problem, null);
        }

        // only an image by its content, such as a blob of a cache beside the folders of the classes
        if (candidate.Label is null && !isMeant)
        {
            return new(null, null, candidate.Path);
        }

        try
        {
            ImageFileSummary file = candidate.Open is null
                ? ImageFile.Examine(candidate.File, limits)
                : ArchivedImage.Examine(candidate, isMeant, limits);
            if (file.Problem is not null)
            {
                return isMeant ? Reject(candidate, file.Problem) : new(null, null, candidate.Path);
            }

            RejectedImage? problem = candidate.Problem ?? (candidate.Label is null ? Misplaced(candidate) : null);
            return problem is null ? new(candidate.ToImage(file.ContentHash), null, null) : new(null, problem, null);
        }
        catch (ImageException error)
        {
            return isMeant ? Reject(candidate, error) : new(null, null, candidate.Path);
        }
    }

    private static Examined Reject(ScannedFile candidate, ImageException error) =>
        new(null, RejectedImage.Of(candidate.Path, error), null);

    private static RejectedImage Misplaced(ScannedFile candidate) =>
        new(candidate.Path, "it lies in no class's folder; move it into one or list it in ignore.txt")
        {
            Fault = ImageFault.Misplaced,
        };
}
