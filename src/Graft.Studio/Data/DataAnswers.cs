using Graft.Training;

namespace Graft.Studio;

/// <summary>A change of labels.</summary>
/// <param name="Action">
/// label: gives the images the label, or toggles it where they may have several; accept: gives each image its own
/// labels; leaveOut: takes the images out of the set; rename: gives all images of a class another one; undo; redo.
/// </param>
internal sealed record LabelEdit(string Action)
{
    /// <summary>Numbers of the images.</summary>
    public IReadOnlyList<int> Images { get; init; } = [];

    /// <summary>The labels that each image gets.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Labels { get; init; } = [];

    /// <summary>The class that images get.</summary>
    public string? Label { get; init; }

    /// <summary>The class that is renamed.</summary>
    public string? From { get; init; }
}

/// <summary>What is to be opened: a path on this machine.</summary>
internal sealed record OpenRequest(string? Path);

/// <summary>A class and the number of its images.</summary>
internal sealed record ClassCount(string Name, int Count);

/// <summary>What an open set holds.</summary>
/// <param name="Id">Names the opening.</param>
/// <param name="Source">The folder, list or archive.</param>
/// <param name="IsMultiLabel">Whether an image may have several labels.</param>
/// <param name="Revision">Grows with each change.</param>
/// <param name="ImageCount">Number of images.</param>
/// <param name="Classes">The classes in ordinal order.</param>
/// <param name="Notes">What the reader had to say, warnings first.</param>
/// <param name="Rejected">Files that cannot be used.</param>
/// <param name="CanUndo">Whether a change can be taken back.</param>
/// <param name="CanRedo">Whether a change can be repeated.</param>
/// <param name="ChangedCount">Number of images whose labels differ from those on the disk.</param>
/// <param name="UnlabelledCount">Number of images that no training uses: without a label yet, or left out.</param>
internal sealed record DataSummary(
    string Id,
    string Source,
    bool IsMultiLabel,
    int Revision,
    int ImageCount,
    IReadOnlyList<ClassCount> Classes,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RejectedImage> Rejected,
    bool CanUndo,
    bool CanRedo,
    int ChangedCount,
    int UnlabelledCount
);

/// <summary>The images of a set.</summary>
/// <param name="Id">Names the opening.</param>
/// <param name="Revision">Of the labels.</param>
/// <param name="Names">Name of each image.</param>
/// <param name="Labels">Labels of each image; null: no training uses it.</param>
internal sealed record DataImages(
    string Id,
    int Revision,
    IReadOnlyList<string> Names,
    IReadOnlyList<IReadOnlyList<string>?> Labels
);

/// <summary>A list that was written.</summary>
internal sealed record WrittenList(string Path);

/// <summary>A picture that was added to the set.</summary>
/// <param name="Number">Its number in the set.</param>
/// <param name="IsNew">False: the set held the same picture already.</param>
internal sealed record AddedPicture(int Number, bool IsNew);
