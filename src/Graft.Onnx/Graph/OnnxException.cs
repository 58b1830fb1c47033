using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>Reports an ONNX file or graph that cannot be used.</summary>
public sealed class OnnxException : GraftException
{
    /// <summary>Creates an exception that reads "'subject' cannot be used: reason".</summary>
    /// <param name="subject">The file, node or edge. Control characters are escaped in the message.</param>
    /// <param name="reason">The reason and the way out, without a full stop.</param>
    /// <param name="inner">The cause; null if there is none.</param>
    public OnnxException(string subject, string reason, Exception? inner = null)
        : base($"'{Printable.Text(subject)}' cannot be used: {reason}", inner)
    {
        Subject = subject;
        Reason = reason;
    }
}
