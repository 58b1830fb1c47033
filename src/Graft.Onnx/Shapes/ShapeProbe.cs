namespace Graft.Onnx;

/// <summary>
/// Finds the shapes of edges: by inference where possible, otherwise by running the network once. The result is exact
/// for every operator that ONNX Runtime supports.
/// </summary>
public static class ShapeProbe
{
    /// <summary>Finds the shapes of <paramref name="edges"/>, including the batch dimension.</summary>
    /// <param name="model">The network; not changed. It has one input.</param>
    /// <param name="edges">Names of the edges.</param>
    /// <param name="batch">Number of images in the batch.</param>
    /// <param name="inputShape">Shape of the input without the batch dimension, such as 3 x H x W.</param>
    /// <returns>A shape for each edge, and one for the input.</returns>
    /// <exception cref="OnnxException">ONNX Runtime cannot run the network.</exception>
    public static IReadOnlyDictionary<string, long[]> Measure(
        OnnxModel model,
        IReadOnlyCollection<string> edges,
        int batch,
        IReadOnlyList<long> inputShape
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(inputShape);
        return Measure(model, edges, batch, inputShape, nonFloatEdges: null);
    }

    /// <summary>Also collects the edges that do not hold floats.</summary>
    internal static IReadOnlyDictionary<string, long[]> Measure(
        OnnxModel model,
        IReadOnlyCollection<string> edges,
        int batch,
        IReadOnlyList<long> inputShape,
        HashSet<string>? nonFloatEdges
    )
    {
        OnnxGraph graph = new(model);
        string input = graph.Inputs[0].Name;
        string[] unknown = [.. edges.Where(edge => edge != input).Distinct()];
        Dictionary<string, long[]> shapes = new() { [input] = [batch, .. inputShape] };
        if (unknown.Length == 0)
        {
            return shapes;
        }

        IReadOnlyList<EdgeType> types = InferredShapes.Infer(graph, unknown, shapes[input])
            ?? Run(model, unknown, shapes[input]);
        for (int i = 0; i < unknown.Length; i++)
        {
            shapes[unknown[i]] = types[i].Shape;
            if (!types[i].IsFloat)
            {
                nonFloatEdges?.Add(unknown[i]);
            }
        }

        return shapes;
    }

    /// <summary>Measures by running the network on a grey image, whatever its operators are.</summary>
    internal static IReadOnlyList<EdgeType> Run(OnnxModel model, IReadOnlyList<string> edges, long[] shape)
    {
        OnnxModel probe = model.Clone();
        probe.Graph.Output.Clear();
        probe.Graph.Output.AddRange(edges.Select(edge => new ValueInfoProto { Name = edge }));
        // one small run: more threads would only wait for each other
        using OnnxSession network = new(probe, "model", threads: 1, optimize: false);
        float[] images = new float[shape.Aggregate(1L, (product, d) => product * d)];
        Array.Fill(images, 0.5f);
        return network.Measure(images, shape);
    }
}
