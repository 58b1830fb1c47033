using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// Kinds of findings in the order of a report: unusable files, odd files, duplicates, problems of classes and labels.
/// </summary>
[JsonConverter(typeof(CamelCaseEnum<FindingKind>))]
public enum FindingKind
{
    /// <summary>The file cannot be read.</summary>
    Unreadable,

    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The file has the name of an image and other content.</summary>
    NotAnImage,

    /// <summary>The file has an image format that Graft does not read.</summary>
    ForeignFormat,

    /// <summary>The end of the file is missing.</summary>
    Truncated,

    /// <summary>The content of the file is damaged.</summary>
    Damaged,

    /// <summary>The image is larger than the limits allow.</summary>
    OverLimit,

    /// <summary>The image has a number of channels that cannot be converted to RGB.</summary>
    OddColours,

    /// <summary>The list names a file that does not exist.</summary>
    Missing,

    /// <summary>A symbolic link, which is not followed.</summary>
    Link,

    /// <summary>The image lies outside the folders of the classes.</summary>
    Misplaced,

    /// <summary>The extension of the file does not fit its content.</summary>
    WrongName,

    /// <summary>The image is much smaller than the network's input.</summary>
    Tiny,

    /// <summary>The image is so large that decoding it takes long.</summary>
    Huge,

    /// <summary>The centre crop leaves most of the image out.</summary>
    CroppedAway,

    /// <summary>The image has several frames; the first is used.</summary>
    Animated,

    /// <summary>EXIF says that the image is turned; it is turned back.</summary>
    Rotated,

    /// <summary>The image has CMYK colours; they are converted.</summary>
    Cmyk,

    /// <summary>The image has 16 bits a channel; 8 are used.</summary>
    SixteenBit,

    /// <summary>A JPEG file lacks its end marker, and nothing else.</summary>
    NoEndMarker,

    /// <summary>A TIFF has bands beside its colours and opacity; they are dropped.</summary>
    OtherBands,

    /// <summary>A grey image in a class of colour images.</summary>
    GreyAmongColour,

    /// <summary>A nearly uniform image.</summary>
    Blank,

    /// <summary>The same bytes as another image.</summary>
    Copy,

    /// <summary>Almost the same picture as another image.</summary>
    NearDuplicate,

    /// <summary>Two names that differ only in capital letters.</summary>
    CaseClash,

    /// <summary>A class with few images.</summary>
    FewImages,

    /// <summary>A class with many times the images of another.</summary>
    Imbalance,

    /// <summary>A class whose images are grey while other classes are in colour.</summary>
    GreyClass,

    /// <summary>
    /// An image that looks like another class than its own; where images may have several labels, a label that it does
    /// not look like.
    /// </summary>
    WrongLabel,

    /// <summary>A label that an image looks like and does not have, where images may have several.</summary>
    MissingLabel,
}

/// <summary>The consequence of a finding for training.</summary>
[JsonConverter(typeof(CamelCaseEnum<Severity>))]
public enum Severity
{
    /// <summary>The image is used without a change.</summary>
    Note,

    /// <summary>The image is used, and someone should look at it.</summary>
    Warning,

    /// <summary>The image is not used.</summary>
    LeftOut,
}

/// <summary>Where two images of the same picture lie; the most harmful case that applies.</summary>
[JsonConverter(typeof(CamelCaseEnum<PairScope>))]
public enum PairScope
{
    /// <summary>In the same class.</summary>
    WithinClass,

    /// <summary>In two classes: at least one label is wrong.</summary>
    AcrossClasses,

    /// <summary>In two parts: the evaluation would see a training image.</summary>
    AcrossParts,
}

/// <summary>Writes enumerations as the words of their names, such as "nearDuplicate".</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
