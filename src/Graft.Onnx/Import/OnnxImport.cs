using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// A foreign network made regular: weights inside, one output, its input float32 N x 3 x H x W with a free batch.
/// </summary>
/// <param name="Input">As the file declared it.</param>
/// <param name="Changes">What was changed, one line each, for the user.</param>
internal sealed record ImportedNetwork(OnnxModel Model, ImageInput Input, IReadOnlyList<string> Changes)
{
    /// <summary>3 x H x W.</summary>
    public long[] InputShape => [3, Input.Height, Input.Width];
}

/// <summary>Reads anybody's ONNX file and makes it regular.</summary>
internal static class OnnxImport
{
    /// <summary>The oldest operator set whose broadcasting is the one of today.</summary>
    public const int OldestOpset = 7;

    // Whose operators ONNX Runtime brings along: those of others may stand in a prefix, and where it lacks one it
    // refuses it by name.
    private static readonly HashSet<string> s_domains =
    [
        "",
        "ai.onnx",
        "ai.onnx.ml",
        "com.microsoft",
        CutPoints.BlockedDomain,
        "com.ms.internal.nhwc",
    ];

    /// <param name="isChannelsLast">The user's word on the layout, where the file leaves it open; null: the
    /// file's.</param>
    /// <param name="side">The image's size where the file leaves it open; null: 224.</param>
    /// <param name="limits">What it may ask for.</param>
    /// <exception cref="OnnxException">It is not ONNX, is too old, has operators of others, or does not take colour
    /// images.</exception>
    public static ImportedNetwork Read(
        string path,
        bool? isChannelsLast = null,
        (int Height, int Width)? side = null,
        OnnxLimits? limits = null
    ) => Canonicalize(OnnxModel.Load(path, limits ?? new()), path, isChannelsLast, side);

    /// <param name="name">What error messages call the network.</param>
    public static ImportedNetwork Canonicalize(
        OnnxModel loaded,
        string name,
        bool? isChannelsLast = null,
        (int Height, int Width)? side = null
    )
    {
        CheckOperators(loaded, name);
        CheckArity(loaded, name);
        OnnxModel model = loaded.Clone();
        model.Graph.ValueInfo.Clear(); // stale as soon as the batch is free
        Canonicalization.RemoveWeightInputs(model);
        List<string> changes = [];
        Note(changes, Canonicalization.LiftConstants(model), "constant nodes became weights");
        Note(changes, Canonicalization.ToInferenceMode(model), "Identity and Dropout nodes were taken out");
        Note(changes, FusedConvolution.Expand(model), "fused convolutions were taken apart");
        Note(changes, HalfPrecision.ToSingle(model.Graph), "values and conversions of half precision became float32");
        Note(
            changes,
            Dequantization.Expand(model),
            "operators on bytes were taken apart into float ones between roundings"
        );
        int outputs = model.Graph.Output.Count;
        model = Canonicalization.KeepMainOutput(model);
        Note(changes, outputs - 1, "further outputs were dropped");
        Canonicalization.DuplicateSharedWeights(model);

        ImageInput input = ImageInput.Find(model, name, isChannelsLast, side);
        input.Canonicalize(model);
        if (input.IsChannelsLast)
        {
            changes.Add("a transposition was put in front: the file takes N x H x W x 3");
        }

        ImportedNetwork imported = new(model, input, changes);
        if (input.Batch is int batch)
        {
            int rewritten = Guarded(name, () => DynamicBatch.RewriteConstants(model, batch, imported.InputShape));
            changes.Add($"the fixed batch of {batch} was freed ({rewritten} nodes held it)");
        }

        return imported;
    }

    /// <summary>
    /// Proves that the batch is free up to an edge, and frees it where exporters left constants although the file says
    /// it is free.
    /// </summary>
    /// <exception cref="OnnxException">Images in one batch change each other's results, or only the exported batch
    /// runs.</exception>
    public static void RequireDynamicBatch(ImportedNetwork network, string edge, string name)
    {
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
                $"it works for the batch of its export only ({problem}); export it with a dynamic batch (torch.onnx.export: dynamic_axes or dynamic_shapes)"
            );
        }
    }

    private static void CheckOperators(OnnxModel model, string name)
    {
        if (model.Opset < OldestOpset)
        {
            throw new OnnxException(
                name,
                $"its operators are those of opset {model.Opset}, and {OldestOpset} is the oldest that is read; convert it with onnx.version_converter or export it again"
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
                $"its node '{Printable.Text(node)}' is the operator '{Printable.Text(foreign.OpType)}' of the domain '{Printable.Text(foreign.Domain)}', which neither ONNX nor ONNX Runtime has; export it with the standard operators alone"
            );
        }
    }

    // ONNX Runtime checks nodes when it loads the graph; these are read before.
    private static void CheckArity(OnnxModel model, string name)
    {
        foreach (NodeProto node in model.Graph.Node)
        {
            int least = node.OpType switch
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
                || node.Input.Take(least).Count(edge => edge.Length > 0) < least
            )
            {
                throw new OnnxException(
                    name,
                    $"its node '{Printable.Text(node.Name.Length > 0 ? node.Name : node.OpType)}' lacks an input or an output; the file is damaged"
                );
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

    // ShapeProbe calls whatever it runs "model"; the user knows the file.
    private static int Guarded(string name, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OnnxException error)
        {
            throw new OnnxException(name, $"it does not run as it was exported: {error.Message}", error);
        }
    }
}
