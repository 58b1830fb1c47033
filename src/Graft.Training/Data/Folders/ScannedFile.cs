using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>A file that may be an image, before its content is read.</summary>
/// <param name="Path">Path relative to the set's folder, with '/'.</param>
/// <param name="File">Full path.</param>
/// <param name="Label">Class; null where the data give none. Several classes as one text.</param>
/// <param name="Part">Part; null where the data give none.</param>
/// <param name="Problem">Reason not to use the file that is known without reading it; null where there is none.</param>
internal sealed record ScannedFile(
    string Path,
    string File,
    string? Label,
    ImagePart? Part,
    RejectedImage? Problem = null
)
{
    /// <summary>True if the extension is that of a picture.</summary>
    public bool IsNamedImage => ImageFormats.HasImageExtension(Path);

    /// <summary>True if a CSV row names the file, so that it is meant as an image whatever its extension.</summary>
    public bool IsListed { get; init; }

    /// <summary>The classes, where they are several or none; by default the one of <see cref="Label"/>.</summary>
    public IReadOnlyList<string>? Labels
    {
        get => field ?? (Label is null ? null : [Label]);
        init;
    }

    /// <summary>Images of one group stay together; null: the file belongs to no group.</summary>
    public string? Group { get; init; }

    /// <summary>Opens an image that lies inside an archive; null for a file of its own.</summary>
    public Func<CancellationToken, ValueTask<Stream>>? Open { get; init; }

    /// <summary>The image, once it was examined.</summary>
    public LabelledImage ToImage(string contentHash) =>
        (Open is null ? new LabelledImage(Path, "", Part) { File = File } : new LabelledImage([], Path, Open)) with
        {
            Labels = Labels!,
            Part = Part,
            Group = Group,
            ContentHash = contentHash,
        };
}
