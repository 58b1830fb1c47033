using System.Runtime.InteropServices;
using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>Fills the declared weights of a network from the tensors of a file.</summary>
internal static class BodyWeights
{
    /// <summary>Sets the values of all weights. float32 tensors are not copied; other types become float32.</summary>
    /// <param name="weights">The network's weights, declared without values.</param>
    /// <param name="tensors">Tensors by the weights' names. The caller has compared the shapes.</param>
    public static void Fill(IEnumerable<TensorProto> weights, IReadOnlyDictionary<string, WeightTensor> tensors)
    {
        foreach (TensorProto weight in weights)
        {
            WeightValues.Assign(weight, Singles(tensors[weight.Name]));
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

    // Compiling TensorPrimitives' conversion at run time takes ten times as long as this loop over a few million
    // values.
    private static void Widen(ReadOnlySpan<Half> halves, Span<float> singles)
    {
        for (int i = 0; i < singles.Length; i++)
        {
            singles[i] = (float)halves[i];
        }
    }
}
