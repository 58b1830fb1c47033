using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// Makes the batch of a network dynamic if it was exported for a fixed batch, and checks by running it that images in
/// one batch do not affect each other.
/// </summary>
internal static class DynamicBatch
{
    /// <summary>
    /// Largest accepted difference, relative to the largest magnitude. Kernels split sums by batch size, which changes
    /// float32 results by 1e-6, or 1e-4 through a deep network. Images that affect each other differ by about 1.
    /// </summary>
    public const double Tolerance = 1e-3;

    private const string Suffix = "/graft.batch";

    /// <summary>
    /// Rewrites the constants that contain the exported batch, found by a run with that batch: the targets of Reshape,
    /// and tokens that Concat adds to each image.
    /// </summary>
    /// <param name="batch">The batch that the network was exported for.</param>
    /// <param name="inputShape">Shape of the input without the batch dimension: 3 x H x W.</param>
    /// <returns>Number of changed nodes.</returns>
    /// <exception cref="OnnxException">ONNX Runtime cannot run the network on the batch.</exception>
    public static int RewriteConstants(OnnxModel model, int batch, IReadOnlyList<long> inputShape)
    {
        OnnxGraph graph = new(model);
        IReadOnlySet<string> content = ImageEdges.Find(graph);
        NodeProto[] reshapes =
        [
            .. graph.Nodes.Where(n =>
                n.OpType == "Reshape" && content.Contains(n.Input[0]) && Target(graph, n) is [> 0, ..]
            ),
        ];
        NodeProto[] joins =
        [
            .. graph.Nodes.Where(n =>
                n.OpType == "Concat" && n.Input.Any(content.Contains) && n.Input.Any(graph.IsConstant)
            ),
        ];
        string[] measured =
        [
            .. reshapes.SelectMany(n => new[] { n.Input[0], n.Output[0] }),
            .. joins.SelectMany(n => n.Input),
        ];
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            model,
            [.. measured.Where(edge => !graph.Weights.ContainsKey(edge))],
            batch,
            inputShape
        );
        foreach (NodeProto reshape in reshapes)
        {
            MakeDynamic(model, reshape, Target(graph, reshape)!, shapes[reshape.Input[0]], shapes[reshape.Output[0]]);
        }

        return reshapes.Length
            + joins.Sum(join =>
                MakeDynamic(
                    model,
                    join,
                    graph,
                    content,
                    edge => graph.Weights.TryGetValue(edge, out TensorProto? w) ? [.. w.Dims] : shapes[edge],
                    batch
                )
            );
    }

    /// <summary>Compares the results of two images in one batch with the results of each image alone.</summary>
    /// <param name="edge">Edge where the results are compared.</param>
    /// <param name="isBytes">Whether the network takes whole numbers, 0..255.</param>
    /// <returns>Null if they agree; otherwise a description of the difference for a message.</returns>
    public static string? FindDependence(OnnxModel model, string edge, IReadOnlyList<long> inputShape, bool isBytes)
    {
        int length = (int)inputShape.Aggregate(1L, (product, d) => product * d);
        CountedRandom random = new(1, RandomPurpose.View);
        float[] images = new float[2 * length];
        for (int i = 0; i < images.Length; i++)
        {
            double value = random.Uniform((uint)i);
            images[i] = isBytes ? (float)Math.Floor(256 * value) : (float)((4 * value) - 2);
        }

        try
        {
            using OnnxSession network = new(Subgraph.Prefix(model, edge), "model");
            OnnxOutput both = network.Run(images, [2, .. inputShape])[0];
            OnnxOutput first = network.Run(images[..length], [1, .. inputShape])[0];
            OnnxOutput second = network.Run(images[length..], [1, .. inputShape])[0];
            return Compare(both, first, second, edge);
        }
        catch (OnnxException error)
        {
            return error.Message;
        }
    }

    private static string? Compare(OnnxOutput both, OnnxOutput first, OnnxOutput second, string edge)
    {
        if (both.Singles is null || first.Singles is null || second.Singles is null)
        {
            return $"'{Printable.Text(edge)}' does not hold float32";
        }

        if (
            both.Shape.Length == 0
            || both.Shape[0] != 2
            || both.Singles.Length != first.Singles.Length + second.Singles.Length
        )
        {
            return $"'{Printable.Text(edge)}' has the shape [{string.Join(',', both.Shape)}] for two images "
                + $"and [{string.Join(',', first.Shape)}] for one";
        }

        float[] alone = [.. first.Singles, .. second.Singles];
        double size = alone.Max(Math.Abs);
        double difference = alone.Zip(both.Singles, (a, b) => Math.Abs((double)a - b)).Max();
        return difference <= Tolerance * size
            ? null
            : $"at '{Printable.Text(edge)}' two images in one batch differ from the same images alone "
                + $"by {difference:G3} (values up to {size:G3})";
    }

    private static long[]? Target(OnnxGraph graph, NodeProto reshape) =>
        reshape.Input.Count > 1 && graph.Weights.TryGetValue(reshape.Input[1], out TensorProto? target)
            ? TensorValues.ToInt64s(target)
            : null;

    // The batch is the first dimension: copied (0) if it stays alone, inferred (-1) if it is merged with or split from
    // another dimension.
    private static void MakeDynamic(OnnxModel model, NodeProto reshape, long[] target, long[] before, long[] after)
    {
        bool isKept = before.Length > 0 && before[0] == after[0] && reshape.GetInt("allowzero", 0) == 0;
        long[] free = isKept ? [0, .. target[1..]] : [-1, .. after[1..]];
        string name = reshape.Output[0] + Suffix;
        model.Graph.Initializer.Add(TensorValues.FromInt64s(name, [free.Length], free));
        reshape.Input[1] = name;
    }

    // Repeats a token for the batch of the images instead of the exported batch.
    private static int MakeDynamic(
        OnnxModel model,
        NodeProto join,
        OnnxGraph graph,
        IReadOnlySet<string> content,
        Func<string, long[]> shapeOf,
        int batch
    )
    {
        string images = join.Input.First(content.Contains);
        long rank = shapeOf(images).Length;
        long axis = join.GetInt("axis", 1);
        if ((axis < 0 ? axis + rank : axis) == 0)
        {
            return 0;
        }

        int changed = 0;
        for (int i = 0; i < join.Input.Count; i++)
        {
            long[] shape = shapeOf(join.Input[i]);
            if (graph.IsConstant(join.Input[i]) && shape.Length == rank && shape[0] == batch && batch == 1)
            {
                join.Input[i] = Repeat(model, join, $"{join.Output[0]}{Suffix}{i}", join.Input[i], images, shape);
                changed++;
            }
        }

        return changed;
    }

    private static string Repeat(
        OnnxModel model,
        NodeProto before,
        string name,
        string token,
        string images,
        long[] shape
    )
    {
        // Expand takes the shape of the result and exists since opset 8; Tile takes the number of copies.
        bool isExpanded = model.Opset >= 8;
        long[] rest = isExpanded ? shape[1..] : [.. Enumerable.Repeat(1L, shape.Length - 1)];
        model.Graph.Initializer.Add(TensorValues.FromInt64s(name + "/first", [1], [0]));
        model.Graph.Initializer.Add(TensorValues.FromInt64s(name + "/rest", [rest.Length], rest));
        NodeProto[] added =
        [
            new()
            {
                OpType = "Shape",
                Input = { images },
                Output = { name + "/shape" },
            },
            new NodeProto
            {
                OpType = "Gather",
                Input = { name + "/shape", name + "/first" },
                Output = { name + "/count" },
            }.WithAttribute("axis", 0),
            new NodeProto
            {
                OpType = "Concat",
                Input = { name + "/count", name + "/rest" },
                Output = { name + "/target" },
            }.WithAttribute("axis", 0),
            new()
            {
                OpType = isExpanded ? "Expand" : "Tile",
                Input = { token, name + "/target" },
                Output = { name },
            },
        ];
        int at = model.Graph.Node.IndexOf(before);
        foreach (NodeProto node in added)
        {
            model.Graph.Node.Insert(at++, node);
        }

        return name;
    }
}
