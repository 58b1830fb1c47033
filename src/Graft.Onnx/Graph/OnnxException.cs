using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>An ONNX file or graph that cannot be used.</summary>
public sealed class OnnxException : GraftException
{
    /// <param name="what">The file, node or edge; printed in quotes with control characters escaped.</param>
    /// <param name="reason">The reason and the way out, without a full stop.</param>
    public OnnxException(string what, string reason, Exception? inner = null)
        : base($"'{Printable.Text(what)}' cannot be used: {reason}", inner) { }
}
