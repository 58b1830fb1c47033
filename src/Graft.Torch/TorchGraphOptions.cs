using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>How a graph is run.</summary>
internal sealed record TorchGraphOptions
{
    /// <summary>
    /// Float32, BFloat16 or Float64: the type of activations and of the weights that they meet. In BFloat16, weights
    /// are cast in every run from their float32 masters;
    /// reductions, softmax and normalisation statistics stay in float32.
    /// </summary>
    public ScalarType ComputeType { get; init; } = ScalarType.Float32;

    /// <summary>
    /// Keep four-dimensional activations and kernels in N,H,W,C order in memory (their logical order stays N,C,H,W):
    /// 1.1 to 4 times as fast on processors (recipe.md).
    /// </summary>
    public bool ChannelsLast { get; init; } = true;

    public Device Device { get; init; } = CPU;

    /// <summary>
    /// Which of the weights found may be trained, by the edge's name; null: all. Whatever depends on frozen weights
    /// alone is computed once.
    /// </summary>
    public Func<string, bool>? IsTrainable { get; init; }

    /// <summary>
    /// Elements that one tensor may have before the graph is refused: guards against a graph that asks for more memory
    /// than there is. 1 to 2^40.
    /// </summary>
    public long TensorElements { get; init; } = 1L << 29;
}

/// <summary>Draws the values that a Dropout node keeps.</summary>
/// <param name="dropout">The node's place among the graph's Dropout nodes, from 0.</param>
/// <param name="shape">The shape of the node's input, the batch first.</param>
/// <param name="keepShare">The share to keep, above 0 and below 1.</param>
/// <returns>Booleans or 0 and 1 of that shape; true keeps. The caller of the delegate frees it.</returns>
internal delegate Tensor DropoutMask(int dropout, long[] shape, double keepShare);
