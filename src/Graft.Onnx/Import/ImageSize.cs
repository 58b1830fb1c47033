namespace Graft.Onnx;

/// <summary>The size of an image.</summary>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
public readonly record struct ImageSize(int Height, int Width);
