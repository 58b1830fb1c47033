using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>A file that may be an image, before its bytes were looked at.</summary>
/// <param name="Path">Relative to the set's folder, with '/'.</param>
/// <param name="File">The file to open.</param>
/// <param name="Label">Its class; null where the data give none.</param>
/// <param name="Part">Its part; null where the data give none.</param>
/// <param name="Problem">What is known against it without a look at its bytes; null where nothing is.</param>
internal sealed record ScannedFile(
    string Path,
    string File,
    string? Label,
    ImagePart? Part,
    RejectedImage? Problem = null
)
{
    // What users think of as pictures, whether they are read or not: one of these is rejected with a reason, another
    // file is only noted.
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".gif",
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
    };

    /// <summary>Whether its name says that it is an image.</summary>
    public bool IsNamedImage => Extensions.Contains(System.IO.Path.GetExtension(Path));

    /// <summary>A CSV row names it, so it is meant as an image whatever it is called.</summary>
    public bool IsListed { get; init; }
}

/// <summary>What came of a candidate: exactly one of the three.</summary>
internal sealed record Examined(LabelledImage? Image, RejectedImage? Rejected, string? NotAnImage)
{
    /// <summary>
    /// Looks at a candidate's length and first bytes and, where they are an image's, at all of them, for the hash.
    /// </summary>
    public static Examined Look(ScannedFile candidate, DecodeLimits limits)
    {
        bool isMeant = candidate.IsNamedImage || candidate.IsListed;
        if (candidate.Problem is not null && isMeant)
        {
            return new(null, candidate.Problem, null);
        }

        try
        {
            ImageFileSummary file = ImageFile.Examine(candidate.File, limits);
            if (file.Problem is not null)
            {
                return isMeant ? Reject(candidate, file.Problem) : new(null, null, candidate.Path);
            }

            RejectedImage? problem = candidate.Problem ?? (candidate.Label is null ? Misplaced(candidate) : null);
            return problem is null
                ? new(
                    new LabelledImage(candidate.Path, candidate.Label!, candidate.Part)
                    {
                        File = candidate.File,
                        ContentHash = file.ContentHash,
                    },
                    null,
                    null
                )
                : new(null, problem, null);
        }
        catch (ImageException error)
        {
            return isMeant ? Reject(candidate, error) : new(null, null, candidate.Path);
        }
    }

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
                ? new(image with { ContentHash = file.ContentHash }, null, null)
                : throw file.Problem;
        }
        catch (ImageException error)
        {
            return new(null, new RejectedImage(image.Name, error.Reason) { Fault = error.Fault }, null);
        }
    }

    private static Examined Reject(ScannedFile candidate, ImageException error) =>
        new(null, new RejectedImage(candidate.Path, error.Reason) { Fault = error.Fault }, null);

    private static RejectedImage Misplaced(ScannedFile candidate) =>
        new(candidate.Path, "it lies in no class's folder; move it into one or list it in ignore.txt")
        {
            Fault = ImageFault.Misplaced,
        };
}
