using Graft.Imaging;

namespace Graft.Training;

/// <summary>A file that was meant as an image and cannot be used.</summary>
/// <param name="Path">Path of the image in its set: its identity. Untrusted text.</param>
/// <param name="Reason">Reason and way out: the end of the sentence "'path' cannot be used: …".</param>
public sealed record RejectedImage(string Path, string Reason)
{
    private const string Ignore = "list it in ignore.txt";

    /// <summary>The reason's kind.</summary>
    internal ImageFault Fault { get; init; }

    /// <summary>An image of a set that cannot be used. Adds what its owner can do to the reason.</summary>
    /// <param name="path">Path of the image in its set.</param>
    /// <param name="error">The reason.</param>
    internal static RejectedImage Of(string path, ImageException error) =>
        new(path, error.Reason + WayOut(error)) { Fault = error.Fault };

    // Only what is certainly of no use is to be deleted.
    private static string WayOut(ImageException error) =>
        error.Fault switch
        {
            _ when error.Reason.Contains(Ignore, StringComparison.Ordinal) => "",
            // a pointer or a web page in the image's place, whose reason tells where the image is
            ImageFault.NotAnImage when error.Reason.Contains("; ", StringComparison.Ordinal) => $", or {Ignore}",
            ImageFault.Truncated or ImageFault.Empty or ImageFault.NotAnImage => $"; delete it or {Ignore}",
            ImageFault.Damaged => $"; delete it if other programs cannot open it either, or {Ignore}",
            _ => $", or {Ignore}",
        };
}
