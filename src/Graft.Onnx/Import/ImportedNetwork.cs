namespace Graft.Onnx;

/// <summary>
/// A network in Graft's canonical form: weights inside, one output, and one float32 input N x 3 x H x W with a dynamic
/// batch.
/// </summary>
/// <param name="Model">The network in canonical form.</param>
/// <param name="Input">The input as the file declares it.</param>
/// <param name="Changes">The changes that were made, one line each, for the user.</param>
public sealed record ImportedNetwork(OnnxModel Model, ImageInput Input, IReadOnlyList<string> Changes)
{
    /// <summary>Shape of the input without the batch dimension: 3 x H x W.</summary>
    public long[] InputShape => [3, Input.Height, Input.Width];
}
