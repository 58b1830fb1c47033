using Graft.Infrastructure;
using Graft.Onnx;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>Runs one node. Returns its outputs in the node's order; unread trailing ones may be left out.</summary>
internal delegate Tensor[] Kernel(NodeInputs x);

/// <summary>Runs one node that has one output.</summary>
internal delegate Tensor SingleKernel(NodeInputs x);

/// <summary>A node while it is compiled: its attributes, its operator set, and its errors.</summary>
internal sealed class NodeContext(NodeProto node, int opset, TorchGraphOptions options)
{
    public NodeProto Node => node;

    /// <summary>Version of the operator set, which decides the node's meaning.</summary>
    public int Opset => opset;

    public TorchGraphOptions Options => options;

    /// <summary>Index among the graph's Dropout nodes; 0 for all other nodes.</summary>
    public int DropoutIndex { get; init; }

    /// <summary>Title in messages: the node's name, or that of its first output, and its operator.</summary>
    public string Title => TitleOf(node);

    public bool HasInput(int index) => index < node.Input.Count && node.Input[index].Length > 0;

    public bool HasOutput(int index) => index < node.Output.Count && node.Output[index].Length > 0;

    public long Int(string name, long otherwise) => node.GetInt(name, otherwise);

    public bool Flag(string name, bool otherwise = false) => node.GetInt(name, otherwise ? 1 : 0) != 0;

    public double Float(string name, double otherwise) => node.FindAttribute(name)?.F ?? otherwise;

    public string Text(string name, string otherwise) => node.GetString(name, otherwise);

    public long[]? Ints(string name) => node.GetInts(name);

    /// <summary>
    /// Returns the text of an attribute that must be one of <paramref name="allowed"/>. The first one is the default.
    /// </summary>
    public string Choice(string name, params ReadOnlySpan<string> allowed)
    {
        string text = Text(name, allowed[0]);
        if (!allowed.Contains(text))
        {
            throw Refuse(
                $"{name} is '{Printable.Text(text)}', not one of {string.Join(", ", allowed.ToArray())}; "
                    + "export the network again"
            );
        }

        return text;
    }

    public OnnxException Refuse(string reason, Exception? inner = null) => new(Title, reason, inner);

    /// <summary>Refuses a tensor over the limit before memory is reserved.</summary>
    public void CheckSize(IEnumerable<long> shape)
    {
        double elements = shape.Aggregate(1.0, (product, size) => product * size);
        if (elements > options.TensorElements || shape.Any(size => size < 0))
        {
            throw Refuse(
                $"its output would have the shape [{string.Join(',', shape)}], "
                    + $"and the limit is {options.TensorElements:N0} elements; check the graph"
            );
        }
    }

    public static string TitleOf(NodeProto node)
    {
        string name = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "";
        return $"{name} ({node.OpType})";
    }
}
