using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>Reads ONNX files of any origin and brings them into Graft's canonical form.</summary>
public static class OnnxImport
{
    /// <summary>Reads an ONNX file that takes colour images, or grey images of one channel.</summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="isChannelsLast">Whether the layout is N x H x W x 3, used if the file leaves it open; null to infer
    /// it.</param>
    /// <param name="size">Size of the image, used if the file leaves it open; null for 224 x 224.</param>
    /// <param name="limits">Limits for the file; null for the defaults.</param>
    /// <exception cref="OnnxException">
    /// The file is not ONNX, exceeds a limit, is older than opset 7, has unknown operators, or does not take images.
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
        ImportChecks.Run(loaded, name);
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
        InputCanonicalization.Apply(model, input);
        NoteInput(changes, input);

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
            throw new OnnxException(name, BatchReason(network, edge, problem));
        }
    }

    // Dynamic quantization takes its scale from all values of a tensor: those of every image in the batch.
    private static string BatchReason(ImportedNetwork network, string edge, string problem)
    {
        NodeProto? quantizer = new OnnxGraph(network.Model)
            .Ancestors([edge])
            .FirstOrDefault(node => node.OpType.StartsWith("DynamicQuantize", StringComparison.Ordinal));
        return quantizer is not null
                ? $"it is quantized dynamically: its node '{Printable.Text(quantizer.Output[0])}' takes the range of "
                    + $"its values over the whole batch, so that images affect each other ({problem}); "
                    + "use the float32 network, or one with static quantization (QDQ)"
            : network.Input.Batch is null
                ? $"its batch is dynamic, but images in one batch affect each other ({problem}); "
                    + "export it so that each image is computed by itself"
            : $"it works only for the batch of its export ({problem}); export it with a dynamic batch "
                + "(torch.onnx.export: dynamic_axes or dynamic_shapes)";
    }

    private static void NoteInput(List<string> changes, ImageInput input)
    {
        if (input.IsGrey)
        {
            changes.Add("nodes that make pictures grey were added at the input: the file takes one channel");
        }

        if (input.IsChannelsLast)
        {
            changes.Add($"a Transpose node was added at the input: the file takes {input.Layout}");
        }

        if (input.IsSizeAssumed)
        {
            changes.Add(
                $"its open size became {input.Width} x {input.Height} pixels; the input transform can state one"
            );
        }
    }

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
