using Graft.Training;

namespace Graft.Studio;

/// <summary>An image of the open set.</summary>
/// <param name="Image">The image with the labels it was read with.</param>
/// <param name="File">Full path of its file; null where it lies in an archive.</param>
internal sealed record SetImage(LabelledImage Image, string? File)
{
    /// <summary>An image as it was read.</summary>
    public static SetImage Of(LabelledImage image) => new(image, image.File);

    /// <summary>A file that has no label yet.</summary>
    /// <param name="name">Unique name in the set.</param>
    /// <param name="file">Full path of the file.</param>
    public static SetImage Unlabelled(string name, string file) =>
        new(new([], name, _ => new(System.IO.File.OpenRead(file))), file);
}
