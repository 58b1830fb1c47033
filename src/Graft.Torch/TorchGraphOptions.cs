using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>Settings of a <see cref="TorchGraph"/>.</summary>
public sealed record TorchGraphOptions
{
    /// <summary>
    /// Type of the activations: Float32 (the default), BFloat16 or Float64. Each run casts the float32 master weights
    /// to it. With BFloat16, reductions, softmax and normalisation statistics stay in float32.
    /// </summary>
    public ScalarType ComputeType { get; init; } = ScalarType.Float32;

    /// <summary>
    /// Whether four-dimensional activations and kernels are stored in the order N,H,W,C, which is 1.1 to 4 times as
    /// fast on processors. Their logical order stays N,C,H,W. The default is true.
    /// </summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>Device of the weights and activations. The default is the CPU.</summary>
    public Device Device
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = CPU;

    /// <summary>
    /// Whether a weight may be trained, by the name of its edge; null trains all weights. Results that depend on frozen
    /// weights only are computed once.
    /// </summary>
    public Func<string, bool>? IsTrainable { get; init; }

    /// <summary>
    /// Most elements of one tensor, 1 to 2^40. It guards against a graph that demands more memory than there is. The
    /// default is 2^29.
    /// </summary>
    public long TensorElements { get; init; } = 1L << 29;
}

/// <summary>Draws the mask of the values that a Dropout node keeps.</summary>
/// <param name="dropout">Index of the node among the graph's Dropout nodes, from 0.</param>
/// <param name="shape">Shape of the node's input, the batch first.</param>
/// <param name="keepShare">Expected share of the kept values, above 0 and below 1.</param>
/// <returns>
/// A tensor of that shape with true or 1 for kept values. The current dispose scope of the run frees it.
/// </returns>
public delegate Tensor DropoutMask(int dropout, long[] shape, double keepShare);
