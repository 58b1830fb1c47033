using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>Some images of a phase as tensors. Owns them.</summary>
/// <param name="Images">Activations at the cut, [N,C,H,W] or [N,F].</param>
/// <param name="Labels">
/// Class numbers, [N] int64; or 1 where an image has a class and 0 elsewhere, [N,C] float32.
/// </param>
internal sealed record Batch(Tensor Images, Tensor Labels) : IDisposable
{
    /// <summary>
    /// Factor of each image's loss, [N] float32, 1 on average over an epoch; or of each image's and class's, [N,C].
    /// Null: all are 1.
    /// </summary>
    public Tensor? Weights { get; init; }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        Weights?.Dispose();
    }
}
