using System.Globalization;
using Graft.Imaging;

namespace Graft.Training;

/// <summary>What an image is for.</summary>
public enum ImagePart
{
    /// <summary>The network learns from it.</summary>
    Train,

    /// <summary>Choices (rates, when to stop, which weights) are made on it.</summary>
    Validation,

    /// <summary>Seen once, by the final evaluation.</summary>
    Test,
}

/// <summary>An image and what it shows.</summary>
/// <param name="Path">Where it lies, relative to its set's folder, with '/' on every system: its identity. Untrusted
/// text.</param>
/// <param name="Label">The name of its class. Untrusted text.</param>
/// <param name="Part">The part that the data give it; null where they give none.</param>
public sealed record LabelledImage(string Path, string Label, ImagePart? Part = null)
{
    private readonly string? cluster;

    /// <summary>The file to open.</summary>
    public required string File { get; init; }

    /// <summary>
    /// SHA-256 of the file's bytes when the set was loaded: 64 lower-case hexadecimal digits. Byte-identical copies
    /// share it.
    /// </summary>
    public required string ContentHash { get; init; }

    /// <summary>
    /// The same for images that are near duplicates of each other: they stay on one side of a split and in one fold. By
    /// default <see cref="ContentHash"/>.
    /// </summary>
    internal string Cluster
    {
        get => cluster ?? ContentHash;
        init => cluster = value;
    }

    /// <summary>
    /// The first 8 bytes of <see cref="ContentHash"/>: what random draws for this image are keyed by.
    /// </summary>
    internal ulong Key => ulong.Parse(ContentHash.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>A file that was meant as an image and cannot be used.</summary>
/// <param name="Path">As <see cref="LabelledImage.Path"/>.</param>
/// <param name="Reason">Why, and the way out: the end of the sentence "'path' cannot be used: …".</param>
public sealed record RejectedImage(string Path, string Reason)
{
    /// <summary>The reason's kind.</summary>
    internal ImageFault Fault { get; init; }
}
