using System.Buffers;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Graft.Training.Weights;

/// <summary>Converts tensors and arrays to entries of a weight file and back.</summary>
internal static class TensorWeights
{
    /// <summary>The values of a float32 tensor in row-major order, copied only where its layout is another.</summary>
    /// <remarks>
    /// Write the entry before the tensor changes, and within the dispose scope in which this method was called.
    /// </remarks>
    public static WeightTensor Of(string name, Tensor tensor)
    {
        Tensor rows = tensor.detach().contiguous();
        return new(name, WeightType.Float32, rows.shape, new TensorMemory(rows).Memory);
    }

    /// <summary>An array as a float64 tensor with one dimension; copied.</summary>
    public static WeightTensor Of(string name, double[] values) =>
        new(name, WeightType.Float64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>An array as a float32 tensor with one dimension; copied.</summary>
    public static WeightTensor Of(string name, float[] values) =>
        new(name, WeightType.Float32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A copy of the values of a float64 tensor.</summary>
    public static double[] Doubles(this WeightTensor weight) =>
        MemoryMarshal.Cast<byte, double>(weight.Bytes.Span).ToArray();

    /// <summary>Copies a float32 entry into a new tensor of its shape.</summary>
    public static Tensor ToTensor(this WeightTensor weight)
    {
        Tensor made = empty([.. weight.Shape], ScalarType.Float32);
        weight.Bytes.Span.CopyTo(made.bytes);
        return made;
    }

    /// <summary>Exposes the memory of a tensor without a copy.</summary>
    private sealed class TensorMemory(Tensor tensor) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => tensor.bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing) { }
    }
}
