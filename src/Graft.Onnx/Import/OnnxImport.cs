using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>Reads ONNX files of any origin and brings them into Graft's canonical form.</summary>
public static class OnnxImport
{
    /// <summary>The oldest supported operator set: the first with numpy-style broadcasting.</summary>
    internal const int OldestOpset = 7;

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

    /// <summary>Reads an ONNX file that takes color images.</summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="isChannelsLast">Whether the layout is N x H x W x 3, used if the file leaves it open; null to infer
    /// it.</param>
    /// <param name="size">Size of the image, used if the file leaves it open; null for 224 x 224.</param>
    /// <param name="limits">Limits for the file; null for the defaults.</param>
    /// <exception cref="OnnxException">
    /// The file is not ONNX, exceeds a limit, is older than opset 7, has unknown operators, or does not take color
    /// images.
    /// </exception>
    public static ImportedNetwork Read(
        string path,
        bool? isChannelsLast = null,
        ImageSize? size = null,
        OnnxLimits? limits = null
    ) => Canonicalize(OnnxModel.Load(path, limits), path, isChannelsLast, size);

    /// <summary>Brings a loaded network into canonical form.</summary>
    /// <param name="name">Name of the network in error messages.</param>
    internal static ImportedNetwork Canonicalize(
        OnnxModel loaded,
        string name,
        bool? isChannelsLast = null,
        ImageSize? size = null
    )
    {
        CheckOperators(loaded, name);
        CheckArity(loaded, name);
        OnnxModel model = loaded.Clone();
        model.Graph.ValueInfo.Clear(); // stale once the batch is dynamic
        Canonicalization.RemoveWeightInputs(model);
        List<string> changes = [];
        Note(changes, Canonicalization.LiftConstants(model), "constant nodes became weights");
        Note(changes, Canonicalization.ToInferenceMode(model), "Identity and Dropout nodes were removed");
        Note(changes, FusedConvolution.Expand(model), "fused convolutions were expanded");
        Note(changes, HalfPrecision.ToSingle(model.Graph), "half-precision values and conversions became float32");
        Note(
            changes,
            Dequantization.Expand(model),
            "operators on bytes became float operators between quantization nodes"
        );
        int outputs = model.Graph.Output.Count;
        model = Canonicalization.KeepMainOutput(model);
        Note(changes, outputs - 1, "additional outputs were dropped");
        Canonicalization.DuplicateSharedWeights(model);

        ImageInput input = ImageInput.Find(model, name, isChannelsLast, size);
        input.Canonicalize(model);
        if (input.IsChannelsLast)
        {
            changes.Add("a Transpose node was added at the input: the file takes N x H x W x 3");
        }

        ImportedNetwork imported = new(model, input, changes);
        if (input.Batch is int batch)
        {
            int rewritten = Guarded(name, () => DynamicBatch.RewriteConstants(model, batch, imported.InputShape));
            changes.Add($"the fixed batch of {batch} became dynamic ({rewritten} nodes contained it)");
        }

        return imported;
    }

    /// <summary>
    /// Checks by running it that the network works for any batch up to an edge. Replaces constants that contain the
    /// exported batch although the file declares a dynamic one.
    /// </summary>
    /// <param name="network">The network; its model may be changed.</param>
    /// <param name="edge">Name of the edge.</param>
    /// <param name="name">Name of the network in error messages.</param>
    /// <exception cref="OnnxException">
    /// Images in one batch affect each other's results, or the network runs for the exported batch only.
    /// </exception>
    public static void RequireDynamicBatch(ImportedNetwork network, string edge, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(name);
        string? problem = DynamicBatch.FindDependence(network.Model, edge, network.InputShape, network.Input.IsBytes);
        if (problem is not null && network.Input.Batch is null)
        {
            Guarded(name, () => DynamicBatch.RewriteConstants(network.Model, 1, network.InputShape));
            problem = DynamicBatch.FindDependence(network.Model, edge, network.InputShape, network.Input.IsBytes);
        }

        if (problem is not null)
        {
            throw new OnnxException(
                name,
                $"it works only for the batch of its export ({problem}); export it with a dynamic batch "
                    + "(torch.onnx.export: dynamic_axes or dynamic_shapes)"
            );
        }
    }

    private static void CheckOperators(OnnxModel model, string name)
    {
        if (model.Opset < OldestOpset)
        {
            throw new OnnxException(
                name,
                $"it uses opset {model.Opset}, and {OldestOpset} is the oldest that Graft reads; "
                    + "convert it with onnx.version_converter or export it again"
            );
        }

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

    private static void Note(List<string> changes, int count, string what)
    {
        if (count > 0)
        {
            changes.Add($"{count:N0} {what}");
        }
    }

    // ShapeProbe says "model" in messages; the user needs the name of the file.
    private static int Guarded(string name, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OnnxException error)
        {
            throw new OnnxException(name, $"it does not run as exported: {error.Message}", error);
        }
    }
}
