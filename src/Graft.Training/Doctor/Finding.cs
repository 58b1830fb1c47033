namespace Graft.Training;

/// <summary>One thing that <see cref="DataDoctor"/> found.</summary>
/// <param name="Kind">The kind of finding.</param>
/// <param name="Severity">Its consequence for training.</param>
/// <param name="Path">Path of the image in its set, or the name of a class. Untrusted text.</param>
/// <param name="Text">Reason and advice in one line, safe to print.</param>
public sealed record Finding(FindingKind Kind, Severity Severity, string Path, string Text)
{
    /// <summary>The other image of a pair. Untrusted text.</summary>
    public string? Other { get; init; }

    /// <summary>For a pair, whether it spans classes or parts.</summary>
    public PairScope? Scope { get; init; }

    /// <summary>
    /// For near duplicates, their difference, 0 for the same picture. For a label, how much less probable it is than
    /// <see cref="Suggested"/>, in nats; where images may have several labels, than the other answer. For a cropped
    /// image, the share that is left out.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>
    /// For a label, the class that the image looks like; where images may have several labels, the one in doubt.
    /// Untrusted text.
    /// </summary>
    public string? Suggested { get; init; }
}

/// <summary>All findings of one kind.</summary>
/// <param name="Kind">The kind of finding.</param>
/// <param name="Name">The kind in words, such as "near duplicate".</param>
/// <param name="Severity">The gravest of them.</param>
/// <param name="Count">Number of findings.</param>
/// <param name="Examples">Up to three paths in one line, safe to print.</param>
public sealed record FindingSummary(FindingKind Kind, string Name, Severity Severity, int Count, string Examples);

/// <summary>A class and the number of its images.</summary>
/// <param name="Name">Name of the class. Untrusted text.</param>
/// <param name="Images">Number of usable images.</param>
public sealed record ClassSize(string Name, int Images);
