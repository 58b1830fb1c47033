using System.Runtime.InteropServices;
using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>Fills a network's declared weights from the tensors of a file.</summary>
internal static class BodyWeights
{
    /// <summary>
    /// Gives every weight its values. float32 tensors are taken as they are, without a copy; other types are converted
    /// to float32.
    /// </summary>
    /// <param name="tensors">By the weights' names; the shapes must have been compared.</param>
    public static void Fill(IEnumerable<TensorProto> weights, IReadOnlyDictionary<string, WeightTensor> tensors)
    {
        foreach (TensorProto weight in weights)
        {
            InitialValues.Give(weight, Singles(tensors[weight.Name]));
        }
    }

    private static ReadOnlyMemory<byte> Singles(WeightTensor tensor)
    {
        if (tensor.Type == WeightType.Float32 && BitConverter.IsLittleEndian)
        {
            return tensor.Bytes;
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)(sizeof(float) * tensor.Count)));
        Span<float> singles = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        if (tensor.Type == WeightType.Float16)
        {
            Widen(MemoryMarshal.Cast<byte, Half>(tensor.Bytes.Span), singles);
        }
        else
        {
            tensor.ToSingles().CopyTo(singles);
        }

        return bytes;
    }

    // TensorPrimitives would be compiled for it first, which takes ten times as long as these few million values.
    private static void Widen(ReadOnlySpan<Half> halves, Span<float> singles)
    {
        for (int i = 0; i < singles.Length; i++)
        {
            singles[i] = (float)halves[i];
        }
    }
}
