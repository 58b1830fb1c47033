namespace Graft.Onnx;

/// <summary>
/// What one image is at an edge: a map of channels x height x width, or, with height and width 0, a vector of channels.
/// </summary>
internal readonly record struct EdgeShape(int Channels, int Height = 0, int Width = 0)
{
    public bool IsVector => Height == 0;

    /// <summary>The number of values of one image.</summary>
    public int ElementCount => IsVector ? Channels : checked(Channels * Height * Width);

    public override string ToString() => IsVector ? $"[N,{Channels}]" : $"[N,{Channels},{Height},{Width}]";
}
