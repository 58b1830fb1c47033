namespace Graft.Onnx;

/// <summary>
/// The shape of one image's values at an edge: a map of channels x height x width, or a vector of channels.
/// </summary>
/// <param name="Channels">Number of channels of a map, or of values in a vector.</param>
/// <param name="Height">Height of a map; 0 for a vector.</param>
/// <param name="Width">Width of a map; 0 for a vector.</param>
public readonly record struct EdgeShape(int Channels, int Height = 0, int Width = 0)
{
    /// <summary>Whether the edge holds a vector for each image rather than a map.</summary>
    public bool IsVector => Height == 0;

    /// <summary>Number of values for one image.</summary>
    /// <exception cref="OverflowException">The number exceeds <see cref="int.MaxValue"/>.</exception>
    public int ElementCount => IsVector ? Channels : checked(Channels * Height * Width);

    /// <summary>The shape with the batch dimension N, such as "[N,3,224,224]" or "[N,1000]".</summary>
    public override string ToString() => IsVector ? $"[N,{Channels}]" : $"[N,{Channels},{Height},{Width}]";
}
