using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>Some images of a phase as tensors. Owns them.</summary>
/// <param name="Images">Activations at the cut, [N,C,H,W] or [N,F].</param>
/// <param name="Labels">[N] int64.</param>
internal sealed record Batch(Tensor Images, Tensor Labels) : IDisposable
{
    /// <summary>
    /// [N] float32: each image's factor of its loss, 1 on average over the images of an epoch; null: one each.
    /// </summary>
    public Tensor? Weights { get; init; }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        Weights?.Dispose();
    }
}
