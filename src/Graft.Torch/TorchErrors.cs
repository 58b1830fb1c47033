using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Torch;

/// <summary>What PyTorch says of a node that does not fit, as an error that names the node.</summary>
internal static class TorchErrors
{
    /// <summary>
    /// Errors of a graph, as opposed to errors of this program: PyTorch's own, and C#'s on shapes that do not fit.
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
