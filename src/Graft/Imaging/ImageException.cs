using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>An image that cannot be used: which, and why, on one line.</summary>
public sealed class ImageException : GraftException
{
    /// <param name="path">The file, or the name that the caller gave to bytes or a stream; kept as it is, printed with
    /// control characters escaped.</param>
    /// <param name="reason">Why, and the way out, as the end of the sentence "'path' cannot be used: …".</param>
    /// <param name="inner">What was thrown below, if anything.</param>
    public ImageException(string path, string reason, Exception? inner = null)
        : base($"'{Printable.Text(path)}' cannot be used: {reason}", inner)
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The file or name as it was given: untrusted text.</summary>
    public string Path { get; }

    /// <summary>Why, safe to print, without the path.</summary>
    public string Reason { get; }

    /// <summary>The reason's kind.</summary>
    public ImageFault Fault { get; init; }
}
