using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Graft.Training.Features;

/// <summary>Activations of one cut, one row an image and view, as 16-bit floats in memory. Rows may be written by several threads.</summary>
/// <remarks>A map of C x H x W is kept as H x W x C: a batch of rows is then a channels-last tensor without any copy.</remarks>
internal sealed class RowStore : IRowTarget, IRowSource
{
    private readonly ushort[][] _rows;

    /// <param name="shape">Of one row: C x H x W for maps, F for vectors, T x F for a transformer's tokens.</param>
    public RowStore(IReadOnlyList<long> shape, int count)
    {
        Shape = shape;
        Length = checked((int)shape.Aggregate(1L, (product, d) => product * d));
        _rows = new ushort[count][];
    }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>Values a row.</summary>
    public int Length { get; }

    public int Count => _rows.Length;

    /// <summary>Rounds to bfloat16, to nearest even: float32's range, so that no activation overflows.</summary>
    /// <param name="values">In the order C, H, W.</param>
    /// <exception cref="GraftException">A value is not finite.</exception>
    public void Write(int row, ReadOnlySpan<float> values)
    {
        CheckFinite(values);
        ushort[] target = new ushort[Length];
        bool isMap = Shape.Count == 3;
        int channels = isMap ? (int)Shape[0] : 1;
        int positions = Length / channels;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values.Slice(c * positions, positions));
            for (int p = 0; p < positions; p++)
            {
                target[(p * channels) + c] = (ushort)((bits[p] + 0x7fff + ((bits[p] >> 16) & 1)) >> 16);
            }
        }

        _rows[row] = target;
    }

    /// <summary>A batch in bfloat16: [N,C,H,W], channels last in memory, [N,F], or tokens [N,T,F].</summary>
    public torch.Tensor Load(ReadOnlySpan<int> rows)
    {
        torch.Tensor batch = torch.empty([rows.Length, Length], dtype: torch.ScalarType.BFloat16);   // [N,H*W*C]
        Span<ushort> target = MemoryMarshal.Cast<byte, ushort>(batch.bytes);
        for (int i = 0; i < rows.Length; i++)
        {
            _rows[rows[i]].CopyTo(target.Slice(i * Length, Length));
        }

        return Shape is [long c, long h, long w]
            ? batch.view(rows.Length, h, w, c).permute(0, 3, 1, 2)   // [N,C,H,W]
            : batch.view([rows.Length, .. Shape]);                   // [N,F], or of a transformer's tokens [N,T,F]
    }

    public static void CheckFinite(ReadOnlySpan<float> values)
    {
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(values)))
        {
            throw new GraftException("'the body' cannot be used: it gives values that are not finite for one of the images; check its weights and its preprocessing");
        }
    }
}
