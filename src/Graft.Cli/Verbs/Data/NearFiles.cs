using Graft.Explanation;

namespace Graft.Cli.Verbs;

/// <summary>The training images nearest to images, and their files.</summary>
/// <param name="nearest">Finds them.</param>
/// <param name="count">How many of each image.</param>
internal sealed class NearFiles(NearestImages nearest, int count)
{
    /// <summary>Finds the nearest images and writes their thumbnails.</summary>
    /// <param name="bytes">Content of the image.</param>
    /// <param name="image">Name of the image in messages.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="name">What their names begin with.</param>
    public IReadOnlyList<NearFile> Write(byte[] bytes, string image, ExplainedFolder folder, string name) =>
        [
            .. nearest
                .Find(bytes, image, count)
                .Select((near, i) => new NearFile(near, folder.Write($"{name}.near-{i + 1}.jpg", near.Thumbnail.Span))),
        ];
}

/// <summary>A near image and its file.</summary>
/// <param name="Image">The image.</param>
/// <param name="Path">Path of its thumbnail.</param>
internal sealed record NearFile(NearImage Image, string Path)
{
    /// <summary>Its labels in one line.</summary>
    public string LabelText => Image.Labels.Count == 0 ? "no label" : string.Join(", ", Image.Labels);
}
