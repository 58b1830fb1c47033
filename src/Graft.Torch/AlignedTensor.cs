using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Copies arrays into tensors in libtorch's own memory, which is aligned to 64 bytes. Use it instead of torch.tensor
/// for results that are the same to the bit in every run.
/// </summary>
/// <remarks>
/// torch.tensor leaves an array in .NET's memory, aligned to 8 bytes. On some processors the last bit of MKL's products
/// depends on the alignment (docs/torchsharp.md).
/// </remarks>
public static class AlignedTensor
{
    private const int Chunk = 1 << 27; // elements whose bytes fit in one span

    /// <summary>Copies an array into a vector.</summary>
    /// <param name="values">The values.</param>
    /// <returns>A float32 tensor, [N].</returns>
    public static Tensor Of(float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values, [values.LongLength]);
    }

    /// <summary>Copies an array into a vector.</summary>
    /// <param name="values">The values.</param>
    /// <returns>A float64 tensor, [N].</returns>
    public static Tensor Of(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values, [values.LongLength]);
    }

    /// <summary>Copies an array into a tensor of the given shape.</summary>
    /// <param name="values">The values, row-major.</param>
    /// <param name="shape">Shape of the tensor.</param>
    /// <returns>A float32 tensor.</returns>
    /// <exception cref="ArgumentException">The shape has another number of values.</exception>
    public static Tensor Of(float[] values, long[] shape) => Of(values, shape, ScalarType.Float32);

    /// <summary>Copies an array into a tensor of the given shape.</summary>
    /// <param name="values">The values, row-major.</param>
    /// <param name="shape">Shape of the tensor.</param>
    /// <returns>A float64 tensor.</returns>
    /// <exception cref="ArgumentException">The shape has another number of values.</exception>
    public static Tensor Of(double[] values, long[] shape) => Of(values, shape, ScalarType.Float64);

    private static Tensor Of<T>(T[] values, long[] shape, ScalarType type)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(shape);
        TorchLibrary.Require();
        Tensor tensor = empty(shape, dtype: type);
        if (tensor.numel() != values.LongLength)
        {
            throw new ArgumentException(
                $"{values.LongLength} values do not fill a tensor of {tensor.numel()}",
                nameof(values)
            );
        }

        using Tensor flat = tensor.view(-1);
        for (int first = 0; first < values.Length; first += Chunk)
        {
            Span<T> chunk = values.AsSpan(first, Math.Min(Chunk, values.Length - first));
            using Tensor target = flat.narrow(0, first, chunk.Length);
            MemoryMarshal.AsBytes(chunk).CopyTo(target.bytes);
        }

        return tensor;
    }
}
