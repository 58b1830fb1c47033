namespace Graft.Onnx;

/// <summary>The kind of features that a body computes.</summary>
public enum FeatureKind
{
    /// <summary>A feature map N x C x H x W, which the head pools or flattens.</summary>
    Map,

    /// <summary>A feature vector N x F.</summary>
    Vector,
}
