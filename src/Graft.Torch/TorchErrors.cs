using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Torch;

/// <summary>Turns PyTorch's errors on a node into exceptions that name the node.</summary>
internal static class TorchErrors
{
    /// <summary>
    /// Whether the graph is to blame rather than this program: PyTorch's own errors, and C#'s on shapes that do not
    /// match.
    /// </summary>
    public static bool IsGraphError(Exception error) =>
        error
            is ExternalException
                or ArgumentException
                or IndexOutOfRangeException
                or OverflowException
                or NotSupportedException
                or NotImplementedException
                or DivideByZeroException;

    public static OnnxException Wrap(NodeContext node, Exception error)
    {
        string reason = error.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.');
        return node.Refuse($"{Printable.Text(reason)}; check the graph and the shape of its input", error);
    }
}
