using Graft.Onnx;

namespace Graft.Training;

/// <summary>The cut points of a network, from its input to its output.</summary>
/// <param name="InputShape">Shape of one image: 3 x H x W.</param>
/// <param name="FeatureEdge">The edge at which the body ends; null if the network has no classifier.</param>
/// <param name="Cuts">In the order of the graph.</param>
public sealed record BodyCuts(IReadOnlyList<long> InputShape, string? FeatureEdge, IReadOnlyList<BodyCut> Cuts)
{
    /// <summary>True if the file leaves height or width open, and the default size is used.</summary>
    public bool IsSizeAssumed { get; internal init; }
}

/// <summary>
/// An edge that alone carries all data past it: <see cref="TrainedPart.FromEdge"/> and
/// <see cref="BodySource.FeatureEdge"/> accept it.
/// </summary>
public sealed record BodyCut
{
    internal BodyCut(CutPoint cut)
    {
        Edge = cut.Edge;
        Operator = cut.Operator;
        Shape = [.. cut.Shape];
        ParametersBefore = cut.ParametersBefore;
        ParametersAfter = cut.ParametersAfter;
        MultiplyAddsBefore = cut.MultiplyAddsBefore;
        MultiplyAddsAfter = cut.MultiplyAddsAfter;
        ShareAfter = cut.ShareAfter;
        CacheBytes = cut.ElementCount * sizeof(ushort);
    }

    /// <summary>Name of the edge. Untrusted text.</summary>
    public string Edge { get; }

    /// <summary>The operator that produces it; "input" for the network's input.</summary>
    public string Operator { get; }

    /// <summary>Shape of one image's activation, without the batch dimension.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of parameters between the input and the cut.</summary>
    public long ParametersBefore { get; }

    /// <summary>Number of parameters between the cut and the output.</summary>
    public long ParametersAfter { get; }

    /// <summary>Multiply-adds for one image between the input and the cut.</summary>
    public long MultiplyAddsBefore { get; }

    /// <summary>Multiply-adds for one image between the cut and the output.</summary>
    public long MultiplyAddsAfter { get; }

    /// <summary>Share of the multiply-adds after the cut, 0 to 1: what is trained if training starts here.</summary>
    public double ShareAfter { get; }

    /// <summary>Bytes that one view of an image takes in the cache at this cut, in 16 bit.</summary>
    public long CacheBytes { get; }
}
