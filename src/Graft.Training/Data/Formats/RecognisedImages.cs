namespace Graft.Training.Data;

/// <summary>The images of a source that is neither plain class folders nor a CSV file of Graft's own.</summary>
/// <param name="What">What the source was taken for, as in "a zip archive of class folders".</param>
/// <param name="Images">Files with labels, in ordinal order of their paths.</param>
internal sealed record RecognisedImages(string What, IReadOnlyList<ScannedFile> Images)
{
    /// <summary>True if the images are boxes of larger ones.</summary>
    public bool AreCropped { get; init; }

    /// <summary>What the user must know about the images, one line each, safe to print.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
