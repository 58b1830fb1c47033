using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>What flows along an edge: a tensor as it was made, and as the operators that read it want it.</summary>
/// <remarks>Three element types are in use: the float types, int64 for all integers, and bool.</remarks>
internal sealed class EdgeValue : IDisposable
{
    private static readonly Lock s_gate = new();
    private readonly bool _isBorrowed;
    private Tensor? _compute;
    private long[]? _ints;
    private double[]? _doubles;

    /// <param name="isHost">The value lies in the processor's memory and depends on constants and shapes only, so
    /// whatever follows from it alone is kept between runs.</param>
    /// <param name="isBorrowed">Somebody else frees <paramref name="tensor"/>: a parameter, or an input of the
    /// run.</param>
    public EdgeValue(Tensor tensor, bool isHost, bool isBorrowed = false)
    {
        Tensor = tensor;
        IsHost = isHost;
        _isBorrowed = isBorrowed;
    }

    /// <summary>The tensor as it was made: of float weights, the float32 master.</summary>
    public Tensor Tensor { get; }

    public bool IsHost { get; }

    /// <summary>The tensor on the device, floats in the compute type. Lives as long as this value.</summary>
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

        lock (s_gate) // constants are shared by all runs
        {
            // also by training, which refuses what was made in inference mode
            using IDisposable normal = inference_mode(false);
            return _compute ??= Tensor.to(type, options.Device).DetachFromDisposeScope();
        }
    }

    /// <summary>The values as integers, row-major; waits for the device where they lie there.</summary>
    public long[] Ints()
    {
        if (_ints is null)
        {
            using Tensor plain = Tensor.to(ScalarType.Int64, CPU, copy: true).contiguous();
            _ints = plain.numel() == 0 ? [] : plain.data<long>().ToArray(); // the accessor refuses an empty tensor
        }

        return _ints;
    }

    public double[] Doubles()
    {
        if (_doubles is null)
        {
            using Tensor plain = Tensor.detach().to(ScalarType.Float64, CPU, copy: true).contiguous();
            _doubles = plain.numel() == 0 ? [] : plain.data<double>().ToArray();
        }

        return _doubles;
    }

    /// <summary>Whether <paramref name="tensor"/> is one of this value's handles.</summary>
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
