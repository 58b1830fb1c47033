namespace Graft.Onnx;

/// <summary>
/// An edge where a network can be cut in two: everything behind it depends on the image through this edge alone.
/// </summary>
/// <param name="Edge">Name of the edge in the graph.</param>
/// <param name="Operator">The operator that makes the edge; "input" for the network's input.</param>
/// <param name="Shape">Shape for one image, without the batch dimension.</param>
/// <param name="ParametersBefore">Number of values in the weights before the cut; scales of quantized weights do not
/// count.</param>
/// <param name="ParametersAfter">Number of values in the weights after the cut; scales of quantized weights do not
/// count.</param>
/// <param name="MultiplyAddsBefore">Multiply-adds of convolutions and matrix products before the cut, for one
/// image.</param>
/// <param name="MultiplyAddsAfter">Multiply-adds of convolutions and matrix products after the cut, for one
/// image.</param>
public sealed record CutPoint(
    string Edge,
    string Operator,
    IReadOnlyList<long> Shape,
    long ParametersBefore,
    long ParametersAfter,
    long MultiplyAddsBefore,
    long MultiplyAddsAfter
)
{
    /// <summary>Number of values for one image.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, d) => product * d);

    /// <summary>Share of the network's multiply-adds after the cut, 0..1.</summary>
    public double ShareAfter =>
        MultiplyAddsAfter == 0 ? 0 : (double)MultiplyAddsAfter / (MultiplyAddsBefore + MultiplyAddsAfter);
}
