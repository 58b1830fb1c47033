using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Stores a tensor of the logical order N,C,H,W in the memory order N,H,W,C, for which TorchSharp has no argument.
/// </summary>
internal static class ChannelsLast
{
    public static Tensor Of(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2); // [N,C,H,W]
}
