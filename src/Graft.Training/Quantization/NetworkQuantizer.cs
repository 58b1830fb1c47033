using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>
/// Makes a network that computes in bytes from one in float32, after measuring the values of its edges.
/// </summary>
internal sealed class NetworkQuantizer
{
    private const int OpsetOfAxes = 13;
    private const int LargestByte = 127;
    private const int Largest7Bits = 63;

    private readonly OnnxModel _network;
    private readonly QuantizedPart _part;
    private readonly string _name;
    private readonly Dictionary<string, ValueHistogram> _values = [];

    private NetworkQuantizer(OnnxModel network, QuantizedPart part, string name) =>
        (_network, _part, _name) = (network, part, name);

    /// <summary>Finds what can compute in bytes.</summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="name">Name of the network in error messages.</param>
    /// <param name="inputShape">Shape of its input without the batch: 3 x H x W.</param>
    /// <param name="hasLastLayer">Whether it ends with a classifier, whose last layer stays in float32.</param>
    /// <param name="wayOut">What to do with a network that cannot compute in int8.</param>
    /// <exception cref="OnnxException">It computes in bytes already, or its work is not in convolutions.</exception>
    public static NetworkQuantizer Of(
        OnnxModel model,
        string name,
        IReadOnlyList<long> inputShape,
        bool hasLastLayer,
        string wayOut = "use float16"
    )
    {
        Require(model, name, wayOut);
        NetworkQuantizer quantizer = Prepared(NormFolding.Fold(model), name, hasLastLayer);
        double share = ConvolutionShare.Of(quantizer._network, quantizer._part, inputShape);
        return share >= ConvolutionShare.Least
            ? quantizer
            : throw new OnnxException(
                name,
                $"int8 needs convolutions, and they are {share:P0} of its work, as in transformers; {wayOut}"
            );
    }

    /// <summary>
    /// The same network after cross-layer equalization, not measured yet; null where it has no layers to equalize.
    /// </summary>
    public NetworkQuantizer? Equalized() =>
        Equalization.Apply(_network) is OnnxModel equalized ? Prepared(equalized, _name, _part.HasLastLayer) : null;

    /// <summary>Measures the values of the edges that will be rounded.</summary>
    /// <param name="images">Inputs of the network, one image each.</param>
    /// <param name="shape">Shape of one, with the batch dimension.</param>
    /// <param name="threads">Threads of ONNX Runtime; 0: one a core.</param>
    /// <param name="done">Called after each image; null: not called.</param>
    /// <exception cref="OnnxException">A value is no finite number.</exception>
    public void Measure(IEnumerable<float[]> images, long[] shape, int threads, Action? done = null)
    {
        string[] edges = [.. _part.Edges];
        OnnxModel measured = _network.Clone();
        string input = new OnnxGraph(measured).Inputs[0].Name;
        string[] computed = [.. edges.Where(edge => edge != input)];
        measured.Graph.Output.Clear();
        measured.Graph.Output.AddRange(computed.Select(edge => new ValueInfoProto { Name = edge }));
        using OnnxSession session = new(measured, _name, threads);
        foreach (float[] image in images)
        {
            IReadOnlyList<OnnxOutput> values = session.Run(image, shape);
            for (int i = 0; i < computed.Length; i++)
            {
                Add(computed[i], values[i].Singles!);
            }

            if (computed.Length < edges.Length)
            {
                Add(input, image);
            }

            done?.Invoke();
        }
    }

    /// <summary>The network in bytes, by what was measured.</summary>
    /// <param name="method">How the ranges are chosen.</param>
    /// <param name="weightBits">8, or 7 for processors without VNNI, whose sums of products would overflow.</param>
    public OnnxModel Write(CalibrationMethod method, int weightBits)
    {
        Dictionary<string, ValueRange> ranges = _values
            .AsParallel()
            .Select(edge => (edge.Key, Range: RangeSearch.Of(edge.Value, method)))
            .ToDictionary(edge => edge.Key, edge => edge.Range);
        return new Int8Writer(_network, _part, ranges, weightBits == 8 ? LargestByte : Largest7Bits).Write();
    }

    private static NetworkQuantizer Prepared(OnnxModel network, string name, bool hasLastLayer) =>
        new(network, new QuantizedPart(new OnnxGraph(network), hasLastLayer), name);

    private void Add(string edge, ReadOnlySpan<float> values)
    {
        if (!_values.TryGetValue(edge, out ValueHistogram? histogram))
        {
            _values[edge] = histogram = new ValueHistogram();
        }

        if (!histogram.Add(values))
        {
            throw new OnnxException(
                _name,
                $"its edge '{Printable.Text(edge)}' has values that are no finite numbers; train the network again"
            );
        }
    }

    private static void Require(OnnxModel model, string name, string wayOut)
    {
        bool isQuantized = model.Graph.Node.Any(node =>
            node.OpType.StartsWith("QLinear", StringComparison.Ordinal)
            || node.OpType is "QuantizeLinear" or "DequantizeLinear" or "ConvInteger" or "MatMulInteger"
        );
        if (isQuantized)
        {
            throw new OnnxException(name, "it computes in int8 already; use the file that it was made from");
        }

        if (model.Opset < OpsetOfAxes)
        {
            throw new OnnxException(
                name,
                $"int8 needs operator set {OpsetOfAxes} or later, and it has {model.Opset}; export the body again with "
                    + $"a later one, or {wayOut}"
            );
        }
    }
}
