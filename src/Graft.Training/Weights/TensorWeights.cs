using System.Buffers;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Graft.Training.Weights;

/// <summary>Tensors and arrays as entries of a weight file, and back.</summary>
internal static class TensorWeights
{
    /// <summary>
    /// A float32 tensor's values in row-major order, whatever its layout in memory; not copied where they lie so.
    /// </summary>
    /// <remarks>To be written before the tensor changes, within the scope that the tensor's row-major copy is made
    /// in.</remarks>
    public static WeightTensor Of(string name, Tensor tensor)
    {
        Tensor rows = tensor.detach().contiguous();
        return new(name, WeightType.Float32, rows.shape, new TensorMemory(rows).Memory);
    }

    public static WeightTensor Of(string name, double[] values) =>
        new(name, WeightType.Float64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static WeightTensor Of(string name, float[] values) =>
        new(name, WeightType.Float32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static double[] Doubles(this WeightTensor weight) =>
        MemoryMarshal.Cast<byte, double>(weight.Bytes.Span).ToArray();

    /// <summary>A float32 tensor, row-major.</summary>
    public static Tensor ToTensor(this WeightTensor weight)
    {
        Tensor made = empty([.. weight.Shape], ScalarType.Float32);
        weight.Bytes.Span.CopyTo(made.bytes);
        return made;
    }

    /// <summary>A tensor's own memory.</summary>
    private sealed class TensorMemory(Tensor tensor) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => tensor.bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing) { }
    }
}
