using Google.Protobuf;
using Graft.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using OnnxType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Torch;

/// <summary>Writes trained weights into a graph.</summary>
internal static class WeightWriter
{
    /// <summary>
    /// Writes each parameter to the initialiser of its name. A constant node of that name becomes an initialiser.
    /// </summary>
    /// <exception cref="OnnxException">The graph has no such weight, or one of another shape.</exception>
    public static void Write(OnnxModel model, IEnumerable<KeyValuePair<string, Parameter>> parameters)
    {
        Dictionary<string, TensorProto> weights = model.Graph.Initializer.ToDictionary(weight => weight.Name);
        Dictionary<string, NodeProto> makers = model
            .Graph.Node.Where(node => node.OpType is "Constant" or "ConstantOfShape" && node.Output.Count > 0)
            .ToDictionary(node => node.Output[0]);
        foreach ((string name, Parameter parameter) in parameters)
        {
            if (weights.TryGetValue(name, out TensorProto? weight))
            {
                CheckShape(name, weight.Dims, parameter);
            }
            else if (makers.TryGetValue(name, out NodeProto? maker))
            {
                int type = maker.FindAttribute("value")?.T?.DataType ?? (int)OnnxType.Float;
                weight = new TensorProto { Name = name, DataType = type };
                weight.Dims.AddRange(parameter.shape);
                model.Graph.Node.Remove(maker);
                model.Graph.Initializer.Add(weight);
            }
            else
            {
                throw new OnnxException(
                    name,
                    "the graph has no weight of this name to write the trained values to; "
                        + "write them to the graph that they came from"
                );
            }

            Fill(weight, parameter);
        }
    }

    private static void CheckShape(string name, IEnumerable<long> dims, Tensor parameter)
    {
        if (!dims.SequenceEqual(parameter.shape))
        {
            throw new OnnxException(
                name,
                $"the graph's weight has the shape [{string.Join(',', dims)}] and the trained one "
                    + $"[{string.Join(',', parameter.shape)}]; write it to the graph that it came from"
            );
        }
    }

    private static void Fill(TensorProto weight, Tensor parameter)
    {
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor values = parameter.detach().to(CPU).contiguous();
        byte[] bytes = values
            .to(Operators.ElementTypes.TorchOf((OnnxType)weight.DataType) ?? ScalarType.Float32)
            .bytes.ToArray();
        weight.FloatData.Clear();
        weight.DoubleData.Clear();
        weight.Int32Data.Clear();
        weight.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
