using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>Refuses networks whose operators Graft cannot read, before anything else looks at them.</summary>
internal static class ImportChecks
{
    /// <summary>The oldest supported operator set: the first with numpy-style broadcasting.</summary>
    private const int OldestOpset = 7;

    // Domains with operators in ONNX Runtime, which reports the ones that it lacks by name.
    private static readonly HashSet<string> s_domains =
    [
        "",
        "ai.onnx",
        "ai.onnx.ml",
        "com.microsoft",
        CutPoints.BlockedDomain,
        "com.ms.internal.nhwc",
    ];

    /// <summary>Checks operators, operator set, and the inputs and outputs of nodes.</summary>
    /// <param name="model">The network as loaded.</param>
    /// <param name="name">Name of the network in error messages.</param>
    /// <exception cref="OnnxException">The network cannot be read.</exception>
    public static void Run(OnnxModel model, string name)
    {
        CheckOperators(model, name);
        CheckArity(model, name);
    }

    private static void CheckOperators(OnnxModel model, string name)
    {
        NodeProto? foreign = Nodes(model.Graph)
            .FirstOrDefault(node =>
                !s_domains.Contains(node.Domain)
                && !model.Proto.Functions.Any(f => f.Domain == node.Domain && f.Name == node.OpType)
            );
        if (foreign is not null)
        {
            string node = foreign.Name.Length > 0 ? foreign.Name : foreign.Output.FirstOrDefault() ?? "";
            throw new OnnxException(
                name,
                $"its node '{Printable.Text(node)}' is the operator '{Printable.Text(foreign.OpType)}' of the domain "
                    + $"'{Printable.Text(foreign.Domain)}', which neither ONNX nor ONNX Runtime has; "
                    + "export it with standard operators only"
            );
        }

        if (model.Opset < OldestOpset)
        {
            throw new OnnxException(
                name,
                $"it uses opset {model.Opset}, and {OldestOpset} is the oldest that Graft reads; "
                    + "convert it with onnx.version_converter or export it again"
            );
        }
    }

    // Graft reads these nodes before ONNX Runtime checks them.
    private static void CheckArity(OnnxModel model, string name)
    {
        foreach (NodeProto node in model.Graph.Node)
        {
            int inputCount = node.OpType switch
            {
                "Reshape"
                or "Conv"
                or "ConvTranspose"
                or "Gemm"
                or "MatMul"
                or "Add"
                or "Sub"
                or "Mul"
                or "Div"
                or "Gather" => 2,
                "Identity"
                or "Dropout"
                or "Concat"
                or "Transpose"
                or "Shape"
                or "Cast"
                or "ConstantOfShape"
                or "BatchNormalization" => 1,
                _ => 0,
            };
            if (
                node.Output.Count == 0
                || node.Output[0].Length == 0
                || node.Input.Take(inputCount).Count(edge => edge.Length > 0) < inputCount
            )
            {
                string label = Printable.Text(node.Name.Length > 0 ? node.Name : node.OpType);
                throw new OnnxException(name, $"its node '{label}' lacks an input or an output; the file is damaged");
            }
        }
    }

    private static IEnumerable<NodeProto> Nodes(GraphProto graph) =>
        graph.Node.Concat(
            graph
                .Node.SelectMany(node => node.Attribute)
                .SelectMany(a => a.Graphs.Concat(a.G is null ? [] : [a.G]))
                .SelectMany(Nodes)
        );
}
