namespace Graft.Onnx;

/// <summary>
/// The shapes of edges, inferred where they can be, else measured by running the network once: exact for every operator
/// that ONNX Runtime knows.
/// </summary>
internal static class ShapeProbe
{
    /// <summary>Shapes of <paramref name="edges"/> for an input of <paramref name="batch"/> grey images.</summary>
    /// <param name="inputShape">3 x H x W, or whatever follows the batch dimension of the model's first input.</param>
    /// <param name="others">Where given, the edges that do not hold floats are added.</param>
    public static IReadOnlyDictionary<string, long[]> Measure(
        OnnxModel model,
        IReadOnlyCollection<string> edges,
        int batch,
        IReadOnlyList<long> inputShape,
        HashSet<string>? others = null
    )
    {
        OnnxGraph graph = new(model);
        string input = graph.Inputs[0].Name;
        string[] asked = [.. edges.Where(edge => edge != input).Distinct()];
        Dictionary<string, long[]> shapes = new() { [input] = [batch, .. inputShape] };
        if (asked.Length > 0)
        {
            IReadOnlyList<(long[] Shape, bool IsReal)> outputs = InferredShapes.Infer(graph, asked, shapes[input])
                ?? Run(model, asked, shapes[input]);
            for (int i = 0; i < asked.Length; i++)
            {
                shapes[asked[i]] = outputs[i].Shape;
                if (!outputs[i].IsReal)
                {
                    others?.Add(asked[i]);
                }
            }
        }

        return shapes;
    }

    /// <summary>The same by running it, whatever its operators are.</summary>
    internal static IReadOnlyList<(long[] Shape, bool IsReal)> Run(
        OnnxModel model,
        IReadOnlyList<string> edges,
        long[] shape
    )
    {
        OnnxModel probe = model.Clone();
        probe.Graph.Output.Clear();
        probe.Graph.Output.AddRange(edges.Select(edge => new ValueInfoProto { Name = edge }));
        // one small run: further threads would only wait for each other
        using OnnxSession network = new(probe, "model", threads: 1, optimize: false);
        float[] images = new float[shape.Aggregate(1L, (product, d) => product * d)];
        Array.Fill(images, 0.5f);
        return network.Measure(images, shape);
    }
}
