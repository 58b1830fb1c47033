using Graft.Onnx;

namespace Graft.Samples.Tests;

/// <summary>A small ConvNet as anybody might bring it: one convolution, pooling, four outputs, a fixed seed.</summary>
internal static class OwnNetwork
{
    private const int Side = 64;
    private const int Channels = 24;
    private const int Outputs = 4;

    public static void Write(string path)
    {
        OnnxModel model = OnnxModel.Create("own");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, Side, Side]));
        model.Graph.Output.Add(EdgeDeclaration.Create("scores", [Outputs]));
        Random random = new(5);
        Weight(model, "kernel", [Channels, 3, 7, 7], random);
        Weight(model, "classifier", [Channels, Outputs], random);

        NodeProto convolution = Node(model, "Conv", ["x", "kernel"], "map");
        convolution.Attribute.Add(Integers("strides", 4, 4));
        Node(model, "Relu", ["map"], "active");
        Node(model, "GlobalAveragePool", ["active"], "pooled");
        Node(model, "Flatten", ["pooled"], "features");
        Node(model, "MatMul", ["features", "classifier"], "scores");
        model.Save(path);
    }

    private static NodeProto Node(OnnxModel model, string type, string[] inputs, string output)
    {
        NodeProto node = new()
        {
            OpType = type,
            Name = output,
            Output = { output },
        };
        node.Input.Add(inputs);
        model.Graph.Node.Add(node);
        return node;
    }

    private static AttributeProto Integers(string name, params long[] values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static void Weight(OnnxModel model, string name, long[] shape, Random random)
    {
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => Draw(random))];
        model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
    }

    private static float Draw(Random random) => (float)((random.NextDouble() - 0.5) * 0.3);
}
