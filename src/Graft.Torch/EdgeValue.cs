using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>Value of an edge: the original tensor, and its copy in the compute type and on the device.</summary>
/// <remarks>Elements are of a float type, int64 for all integers, or bool.</remarks>
internal sealed class EdgeValue : IDisposable
{
    private static readonly Lock s_gate = new();
    private readonly bool _isBorrowed;
    private Tensor? _compute;
    private long[]? _ints;
    private double[]? _doubles;

    /// <param name="tensor">The original tensor.</param>
    /// <param name="isHost">
    /// Whether the value lies in the processor's memory and depends on constants and shapes only. Results that depend
    /// only on such values are kept between runs.
    /// </param>
    /// <param name="isBorrowed">
    /// Whether another owner frees <paramref name="tensor"/>, as with a parameter or an input of the run.
    /// </param>
    public EdgeValue(Tensor tensor, bool isHost, bool isBorrowed = false)
    {
        Tensor = tensor;
        IsHost = isHost;
        _isBorrowed = isBorrowed;
    }

    /// <summary>The original tensor. For float weights it is the float32 master.</summary>
    public Tensor Tensor { get; }

    public bool IsHost { get; }

    /// <summary>Returns the tensor on the device, with floats in the compute type. This value owns it.</summary>
    public Tensor Compute(TorchGraphOptions options)
    {
        if (_compute is not null)
        {
            return _compute;
        }

        ScalarType type = Tensor.is_floating_point() ? options.ComputeType : Tensor.dtype;
        bool isReady = Tensor.dtype == type && Tensor.device_type == options.Device.type;
        if (isReady)
        {
            return _compute = Tensor;
        }

        if (!IsHost)
        {
            return _compute = Tensor.to(type, options.Device).MoveToOuterDisposeScope();
        }

        lock (s_gate) // all runs share constants
        {
            // training refuses tensors that were made in inference mode
            using IDisposable normal = inference_mode(false);
            return _compute ??= Tensor.to(type, options.Device).DetachFromDisposeScope();
        }
    }

    /// <summary>Returns the values as integers, row-major. Waits for the device if they lie there.</summary>
    public long[] Ints()
    {
        if (_ints is null)
        {
            using Tensor plain = Tensor.to(ScalarType.Int64, CPU, copy: true).contiguous();
            _ints = plain.numel() == 0 ? [] : plain.data<long>().ToArray(); // the accessor refuses an empty tensor
        }

        return _ints;
    }

    /// <summary>Returns the values as floating-point numbers, row-major.</summary>
    public double[] Doubles()
    {
        if (_doubles is null)
        {
            using Tensor plain = Tensor.detach().to(ScalarType.Float64, CPU, copy: true).contiguous();
            _doubles = plain.numel() == 0 ? [] : plain.data<double>().ToArray();
        }

        return _doubles;
    }

    /// <summary>Whether <paramref name="tensor"/> is one of the two tensors of this value.</summary>
    public bool Holds(Tensor tensor) => ReferenceEquals(Tensor, tensor) || ReferenceEquals(_compute, tensor);

    public void Dispose()
    {
        if (!ReferenceEquals(_compute, Tensor))
        {
            _compute?.Dispose();
        }

        if (!_isBorrowed)
        {
            Tensor.Dispose();
        }
    }
}
