using Graft.Imaging;

namespace Graft.Training;

/// <summary>A file that was meant as an image and cannot be used.</summary>
/// <param name="Path">Path of the image in its set: its identity. Untrusted text.</param>
/// <param name="Reason">Reason and way out: the end of the sentence "'path' cannot be used: …".</param>
public sealed record RejectedImage(string Path, string Reason)
{
    /// <summary>The reason's kind.</summary>
    internal ImageFault Fault { get; init; }
}
