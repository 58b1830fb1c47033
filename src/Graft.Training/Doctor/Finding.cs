using System.Text.Json.Serialization;

namespace Graft.Training.Doctor;

/// <summary>
/// What the doctor finds, in the order in which it is told: what cannot be used, what is odd, what is there twice, what
/// is wrong with classes and labels.
/// </summary>
[JsonConverter(typeof(CamelCaseEnum<FindingKind>))]
internal enum FindingKind
{
    Unreadable,
    Empty,
    NotAnImage,
    ForeignFormat,
    Truncated,
    Damaged,
    OverLimit,
    OddColours,
    Missing,
    Link,
    Misplaced,
    WrongName,
    Tiny,
    Huge,
    Animated,
    Rotated,
    Cmyk,
    SixteenBit,
    GreyAmongColour,
    Blank,
    Copy,
    NearDuplicate,
    CaseClash,
    FewImages,
    Imbalance,
    GreyClass,
    WrongLabel,
}

/// <summary>What a finding means for a training.</summary>
[JsonConverter(typeof(CamelCaseEnum<Severity>))]
internal enum Severity
{
    /// <summary>The image is used as it is.</summary>
    Note,

    /// <summary>It is used, and should be looked at.</summary>
    Warning,

    /// <summary>It is not used.</summary>
    LeftOut,
}

/// <summary>Between what two images lie that show the same picture; the worst that holds.</summary>
[JsonConverter(typeof(CamelCaseEnum<PairScope>))]
internal enum PairScope
{
    WithinClass,
    AcrossClasses,
    AcrossParts,
}

/// <summary>One thing that the doctor has found.</summary>
/// <param name="Path">The image's path in its set, or a class's name. Untrusted text.</param>
/// <param name="Text">What is the matter, one line, safe to print.</param>
internal sealed record Finding(FindingKind Kind, Severity Severity, string Path, string Text)
{
    /// <summary>The other one of a pair.</summary>
    public string? Other { get; init; }

    public PairScope? Scope { get; init; }

    /// <summary>
    /// Of near duplicates: the difference of their sketches, 0 the same. Of a label: how much less probable than
    /// another it is, in nats.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>Of a label: the class that the image looks like. Untrusted text.</summary>
    public string? Suggested { get; init; }
}

/// <summary>Enumerations in JSON as the words of their names: "nearDuplicate".</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
