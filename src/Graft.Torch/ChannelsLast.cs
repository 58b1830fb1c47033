using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// The N,H,W,C order in memory of a tensor whose logical order is N,C,H,W. TorchSharp has no argument for it
/// (recipe.md).
/// </summary>
internal static class ChannelsLast
{
    public static Tensor Of(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2); // [N,C,H,W]
}
