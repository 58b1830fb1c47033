namespace Graft.Imaging;

/// <summary>What kind of thing is wrong with an image that cannot be used; the reason says it in words.</summary>
public enum ImageFault
{
    /// <summary>Its content makes no sense as what its first bytes say it is.</summary>
    Damaged,

    /// <summary>It ends before its last row.</summary>
    Truncated,

    /// <summary>0 bytes long.</summary>
    Empty,

    /// <summary>Its first bytes are no image's.</summary>
    NotAnImage,

    /// <summary>It is of a format that is not read.</summary>
    UnsupportedFormat,

    /// <summary>Over a limit: bytes, pixels, side, memory or time.</summary>
    OverLimit,

    /// <summary>Its samples or channels have no agreed meaning as colours.</summary>
    UnsupportedColors,

    /// <summary>The system does not give it: permissions, the disk.</summary>
    Unreadable,

    /// <summary>A list names it, and there is no such file.</summary>
    Missing,

    /// <summary>A link that is not followed.</summary>
    LinkNotFollowed,

    /// <summary>It lies in no class's folder.</summary>
    Misplaced,
}
