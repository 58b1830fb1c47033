using Graft.Imaging;
using Graft.Training.Bodies;

namespace Graft.Training;

/// <summary>A node that gradients cannot pass.</summary>
/// <param name="Node">Name of the node. Untrusted text.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Reason">Why it cannot be trained.</param>
public sealed record UntrainableOperator(string Node, string Operator, string Reason);

/// <summary>What <see cref="BodyCatalog.Import"/> found in an ONNX file, and why.</summary>
public sealed record ImportReport
{
    internal ImportReport(ImportedBody imported)
    {
        ForeignBody body = imported.Body;
        Name = imported.Card.Name;
        Path = imported.Path;
        InputEdge = body.Network.Input.Edge;
        InputShape = [.. body.InputShape];
        IsChannelsLast = body.Network.Input.IsChannelsLast;
        IsGrey = body.Network.Input.IsGrey;
        TakesBytes = body.Network.Input.IsBytes;
        FixedBatch = body.Network.Input.Batch;
        Preprocessing = body.Preprocessing;
        PreprocessingReason = body.PreprocessingReason;
        FeatureEdge = body.Boundary.Edge;
        FeatureShape = [.. imported.FeatureShape];
        FeatureReason = body.Boundary.Reason;
        Parameters = imported.Card.Parameters;
        MultiplyAdds = imported.Card.MultiplyAdds;
        Opset = imported.Opset;
        Changes = [.. body.Network.Changes];
        Untrainable =
        [
            .. imported.Untrainable.Select(node => new UntrainableOperator(node.Node, node.Operator, node.Reason)),
        ];
        TrainableFrom = imported.TrainableFrom is null ? null : new(imported.TrainableFrom);
    }

    /// <summary>Name of the body, for <see cref="BodySource.Named"/>.</summary>
    public string Name { get; }

    /// <summary>Path of the stored network.</summary>
    public string Path { get; }

    /// <summary>Name of the network's input. Untrusted text.</summary>
    public string InputEdge { get; }

    /// <summary>Shape of one image: 3 x H x W.</summary>
    public IReadOnlyList<long> InputShape { get; }

    /// <summary>True if the file takes images as N x H x W x 3.</summary>
    public bool IsChannelsLast { get; }

    /// <summary>True if the file takes grey images of one channel. Pictures are made grey in the graph.</summary>
    public bool IsGrey { get; }

    /// <summary>True if the file takes bytes, false if it takes float32.</summary>
    public bool TakesBytes { get; }

    /// <summary>The batch size that the file was exported for and that was freed; null: it was free.</summary>
    public int? FixedBatch { get; }

    /// <summary>How images are prepared for the network.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>How <see cref="Preprocessing"/> is known.</summary>
    public string PreprocessingReason { get; }

    /// <summary>The edge at which the body ends. Untrusted text.</summary>
    public string FeatureEdge { get; }

    /// <summary>Shape of one image's features.</summary>
    public IReadOnlyList<long> FeatureShape { get; }

    /// <summary>What was recognised at <see cref="FeatureEdge"/>.</summary>
    public string FeatureReason { get; }

    /// <summary>Number of parameters of the body.</summary>
    public long Parameters { get; }

    /// <summary>Multiply-adds of the body for one image.</summary>
    public long MultiplyAdds { get; }

    /// <summary>ONNX operator set of the file.</summary>
    public int Opset { get; }

    /// <summary>What was rewritten to bring the graph into the form that training needs.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>Nodes that gradients cannot pass, in the graph's order; empty if every cut point works.</summary>
    public IReadOnlyList<UntrainableOperator> Untrainable { get; }

    /// <summary>The first cut point from which the body can be trained; null if the head alone can be.</summary>
    public BodyCut? TrainableFrom { get; }
}
