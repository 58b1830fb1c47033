using Graft.Onnx;

namespace Graft.Training.Tests.Torch;

/// <summary>Builds a graph of a few nodes.</summary>
internal sealed class SmallGraph
{
    public SmallGraph(int opset = OnnxModel.DefaultOpset, string input = "x")
    {
        Model.Proto.OpsetImport[0].Version = opset;
        Model.Graph.Input.Add(Edge(input));
    }

    public OnnxModel Model { get; } = OnnxModel.Create("test");

    public SmallGraph Weight(string name, long[] shape, params float[] values)
    {
        Model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
        return this;
    }

    /// <summary>Adds a weight of seeded values from -1 to 1, or from 0.5 to 1.5 for a variance.</summary>
    public SmallGraph Random(string name, long[] shape, int seed, bool isPositive = false)
    {
        Random random = new(seed);
        float[] values =
        [
            .. Enumerable
                .Range(0, (int)shape.Aggregate(1L, (product, size) => product * size))
                .Select(_ => (random.NextSingle() * (isPositive ? 1 : 2)) + (isPositive ? 0.5f : -1)),
        ];
        return Weight(name, shape, values);
    }

    public SmallGraph Ints(string name, params long[] values)
    {
        Model.Graph.Initializer.Add(TensorValues.FromInt64s(name, [values.Length], values));
        return this;
    }

    public SmallGraph Node(string operation, string inputs, string outputs, Action<NodeProto>? change = null)
    {
        NodeProto node = new() { OpType = operation, Name = $"the_{operation}" };
        node.Input.AddRange(inputs.Split(' ').Select(edge => edge == "-" ? "" : edge));
        node.Output.AddRange(outputs.Split(' '));
        change?.Invoke(node);
        Model.Graph.Node.Add(node);
        return this;
    }

    public OnnxModel Output(params string[] names)
    {
        Model.Graph.Output.AddRange(names.Select(Edge));
        return Model;
    }

    private static ValueInfoProto Edge(string name) =>
        new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float },
            },
        };
}
