using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Graft.Onnx;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Quantization;

/// <summary>
/// Stores the weights of a network in float16. A Cast makes each float32 again, once, when ONNX Runtime loads the file:
/// processors compute in float32 anyway.
/// </summary>
internal static class HalfWeights
{
    private const int Fewest = 64; // a Cast takes about as many bytes as it would save
    private const float Largest = 65504; // of float16

    /// <summary>A copy of a network with its weights in float16.</summary>
    /// <param name="model">The network; not changed. Weights beyond the range of float16 stay as they are.</param>
    public static OnnxModel Write(OnnxModel model)
    {
        OnnxModel half = model.Clone();
        List<NodeProto> casts = [];
        foreach (TensorProto weight in half.Graph.Initializer.ToList().Where(IsWorthIt))
        {
            string name = weight.Name;
            float[] values = TensorValues.ToSingles(weight);
            if (Math.Abs(TensorPrimitives.MaxMagnitude(values)) <= Largest)
            {
                Half[] halves = new Half[values.Length];
                TensorPrimitives.ConvertToHalf(values, halves);
                TensorProto stored = new()
                {
                    Name = $"{name}/half",
                    DataType = (int)DataType.Float16,
                    Dims = { weight.Dims },
                    RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves)),
                };
                half.Graph.Initializer[half.Graph.Initializer.IndexOf(weight)] = stored;
                casts.Add(Cast(stored.Name, name));
            }
        }

        for (int i = 0; i < casts.Count; i++)
        {
            half.Graph.Node.Insert(i, casts[i]);
        }

        return half;
    }

    private static bool IsWorthIt(TensorProto weight) =>
        weight.DataType == (int)DataType.Float && TensorValues.ElementCount(weight, weight.Name) >= Fewest;

    private static NodeProto Cast(string from, string to) =>
        new NodeProto
        {
            OpType = "Cast",
            Name = to,
            Input = { from },
            Output = { to },
        }.WithAttribute("to", (long)DataType.Float);
}
