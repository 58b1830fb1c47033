using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>Gives rows back as a batch.</summary>
internal interface IActivationSource
{
    /// <summary>[N,C,H,W] for maps, channels last in memory, or [N,F].</summary>
    public Tensor Load(ReadOnlySpan<int> rows);
}
