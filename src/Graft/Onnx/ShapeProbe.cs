namespace Graft.Onnx;

/// <summary>The shapes of edges, measured by running the network once: exact for every operator that ONNX Runtime knows.</summary>
internal static class ShapeProbe
{
    /// <summary>Shapes of <paramref name="edges"/> for an input of <paramref name="batch"/> grey images.</summary>
    /// <param name="inputShape">3 x H x W, or whatever follows the batch dimension of the model's first input.</param>
    /// <param name="others">Where given, the edges that do not hold floats are added.</param>
    public static IReadOnlyDictionary<string, long[]> Measure(
        OnnxModel model, IReadOnlyCollection<string> edges, int batch, IReadOnlyList<long> inputShape, HashSet<string>? others = null)
    {
        OnnxModel probe = model.Clone();
        string input = new OnnxGraph(probe).Inputs[0].Name;
        probe.Graph.Output.Clear();
        string[] asked = [.. edges.Where(edge => edge != input).Distinct()];
        probe.Graph.Output.AddRange(asked.Select(edge => new ValueInfoProto { Name = edge }));

        Dictionary<string, long[]> shapes = new() { [input] = [batch, .. inputShape] };
        if (asked.Length > 0)
        {
            using Network network = new(probe, "model", threads: 1, optimize: false);   // one small run: further threads would only wait for each other
            float[] images = new float[batch * inputShape.Aggregate(1L, (product, d) => product * d)];
            Array.Fill(images, 0.5f);
            IReadOnlyList<NetworkOutput> outputs = network.Run(images, [batch, .. inputShape]);
            for (int i = 0; i < asked.Length; i++)
            {
                shapes[asked[i]] = outputs[i].Shape;
                if (outputs[i].Singles is null)
                {
                    others?.Add(asked[i]);
                }
            }
        }

        return shapes;
    }
}
