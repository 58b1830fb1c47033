using Graft.Infrastructure;

namespace Graft.Imaging;

/// <summary>An image that cannot be used. The message names the image and the reason on one line.</summary>
public sealed class ImageException : GraftException
{
    /// <summary>Creates the message "'path' cannot be used: reason".</summary>
    /// <param name="path">
    /// Path of the file, or the caller's name for bytes or a stream. The message escapes its control characters.
    /// </param>
    /// <param name="reason">The reason and a way out, without a full stop.</param>
    /// <param name="inner">Exception that caused this one, if any.</param>
    public ImageException(string path, string reason, Exception? inner = null)
        : base($"'{Printable.Text(path)}' cannot be used: {reason}", inner)
    {
        Path = path;
        Subject = path;
        Reason = reason;
    }

    /// <summary>The path or name as the caller gave it: untrusted text.</summary>
    public string Path { get; }

    /// <summary>Kind of the reason. The default is <see cref="ImageFault.Damaged"/>.</summary>
    public ImageFault Fault { get; init; }
}
