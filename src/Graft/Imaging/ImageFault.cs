namespace Graft.Imaging;

/// <summary>Kind of problem that makes an image unusable.</summary>
public enum ImageFault
{
    /// <summary>The content contradicts the format that the first bytes show.</summary>
    Damaged,

    /// <summary>The file ends before its last row.</summary>
    Truncated,

    /// <summary>The file is 0 bytes long.</summary>
    Empty,

    /// <summary>The first bytes belong to no image format.</summary>
    NotAnImage,

    /// <summary>The image has a format that Graft does not read.</summary>
    UnsupportedFormat,

    /// <summary>The image exceeds a limit of <see cref="DecodeLimits"/>.</summary>
    OverLimit,

    /// <summary>The samples or channels have no agreed meaning as colours.</summary>
    UnsupportedColors,

    /// <summary>The operating system refuses to read the file, or the disk fails.</summary>
    Unreadable,

    /// <summary>A list names the file, but it does not exist.</summary>
    Missing,

    /// <summary>The path is a link that is not followed.</summary>
    LinkNotFollowed,

    /// <summary>The file lies outside the folders of the classes.</summary>
    Misplaced,
}
