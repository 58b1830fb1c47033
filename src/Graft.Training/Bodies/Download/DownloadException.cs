using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>The error of a weight file that cannot be downloaded.</summary>
/// <param name="address">URL of the file, without user and password.</param>
/// <param name="reason">The reason.</param>
/// <param name="way">What to do about it.</param>
/// <param name="isTransient">Whether another try may succeed, after a lost connection or a busy server.</param>
/// <param name="inner">The cause; may be null.</param>
internal sealed class DownloadException(
    string address,
    string reason,
    string way,
    bool isTransient = false,
    Exception? inner = null
) : GraftException($"'{Printable.Text(address)}' cannot be downloaded: {reason}; {way}", inner)
{
    /// <summary>The message without the way out, for a warning about another try.</summary>
    public string Problem => $"'{Printable.Text(address)}' cannot be downloaded: {reason}";

    /// <summary>Whether another try may succeed.</summary>
    public bool IsTransient => isTransient;
}
