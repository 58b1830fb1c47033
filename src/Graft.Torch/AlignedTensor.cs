using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Arrays as tensors in libtorch's own memory, which begins at a multiple of 64 bytes. TorchSharp's torch.tensor leaves
/// them in .NET's, at any multiple of 8, and
/// MKL's products differ in their last bit with the address on some processors (docs/torchsharp.md): the same training
/// would not give the same bytes.
/// BannedSymbols.Unaligned.txt forbids the other way for floating-point values.
/// </summary>
internal static class AlignedTensor
{
    private const int Chunk = 1 << 27; // elements: what a span of bytes can hold

    /// <returns>[N], float32.</returns>
    public static Tensor Of(float[] values) => Of(values, [values.LongLength]);

    /// <returns>[N], float64.</returns>
    public static Tensor Of(double[] values) => Of(values, [values.LongLength]);

    /// <exception cref="ArgumentException">The shape has another number of values.</exception>
    public static Tensor Of(float[] values, long[] shape) => Of(values, shape, ScalarType.Float32);

    /// <exception cref="ArgumentException">The shape has another number of values.</exception>
    public static Tensor Of(double[] values, long[] shape) => Of(values, shape, ScalarType.Float64);

    private static Tensor Of<T>(T[] values, long[] shape, ScalarType type)
        where T : struct
    {
        Tensor made = empty(shape, dtype: type);
        if (made.numel() != values.LongLength)
        {
            throw new ArgumentException(
                $"{values.LongLength} values do not fill a tensor of {made.numel()}",
                nameof(values)
            );
        }

        using Tensor flat = made.view(-1);
        for (int first = 0; first < values.Length; first += Chunk)
        {
            Span<T> some = values.AsSpan(first, Math.Min(Chunk, values.Length - first));
            using Tensor target = flat.narrow(0, first, some.Length);
            MemoryMarshal.AsBytes(some).CopyTo(target.bytes);
        }

        return made;
    }
}
