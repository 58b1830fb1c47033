using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>A source of rows as batches.</summary>
internal interface IActivationSource
{
    /// <summary>Loads rows as a batch: [N,C,H,W] with channels last in memory, or [N,F].</summary>
    public Tensor Load(ReadOnlySpan<int> rows);
}
