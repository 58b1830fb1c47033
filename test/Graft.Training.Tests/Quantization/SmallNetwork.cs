using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Tests;

/// <summary>Builds networks of a few layers with random weights, node by node.</summary>
internal sealed class SmallNetwork
{
    public const int Side = 12;
    private const int Seed = 5;

    private SmallNetwork(OnnxModel model, string edge) => (Model, Edge) = (model, edge);

    public OnnxModel Model { get; }

    /// <summary>The last edge.</summary>
    public string Edge { get; private set; }

    public static long[] Shape => [1, 3, Side, Side];

    /// <summary>A network that takes images of 3 x 12 x 12.</summary>
    public static SmallNetwork Create()
    {
        OnnxModel model = OnnxModel.Create("small");
        model.Graph.Input.Add(EdgeDeclaration.Create("image", [3, Side, Side]));
        return new(model, "image");
    }

    /// <summary>Random images in 0 to 1.</summary>
    public static float[][] Images(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Values(3 * Side * Side, i))];

    public SmallNetwork Conv(string name, int filters, int channels, int groups = 1, bool hasBias = true, int side = 3)
    {
        string kernel = Weight(name + ".weight", filters, channels / groups, side, side);
        NodeProto node = Node("Conv", name, Edge, kernel)
            .WithAttribute("group", groups)
            .WithAttribute("pads", side / 2, side / 2, side / 2, side / 2);
        if (hasBias)
        {
            node.Input.Add(Weight(name + ".bias", filters));
        }

        return this;
    }

    public SmallNetwork BatchNorm(string name, int channels)
    {
        string[] weights = [.. "abc".Select(letter => Weight($"{name}.{letter}", channels))];
        TensorProto variance = TensorValues.FromSingles(
            $"{name}.variance",
            [channels],
            Array.ConvertAll(Values(channels, 77), value => value + 0.1f)
        );
        Model.Graph.Initializer.Add(variance);
        Node("BatchNormalization", name, [Edge, .. weights, variance.Name]);
        return this;
    }

    public SmallNetwork Relu(string name)
    {
        Node("Relu", name, Edge);
        return this;
    }

    public SmallNetwork Clip(string name, float high)
    {
        Model.Graph.Initializer.Add(TensorValues.FromSingles($"{name}.low", [], [0]));
        Model.Graph.Initializer.Add(TensorValues.FromSingles($"{name}.high", [], [high]));
        Node("Clip", name, Edge, $"{name}.low", $"{name}.high");
        return this;
    }

    public SmallNetwork Add(string name, string other)
    {
        Node("Add", name, Edge, other);
        return this;
    }

    public SmallNetwork MaxPool(string name)
    {
        Node("MaxPool", name, Edge).WithAttribute("kernel_shape", 2, 2).WithAttribute("strides", 2, 2);
        return this;
    }

    /// <summary>Pooling, a fully connected layer and a softmax.</summary>
    public SmallNetwork Classifier(int classes, int channels)
    {
        Node("GlobalAveragePool", "pooled", Edge);
        Node("Flatten", "flat", Edge);
        Node("Gemm", "logits", Edge, Weight("fc", channels, classes));
        Node("Softmax", "probabilities", Edge);
        return this;
    }

    /// <summary>Declares the last edge as the output.</summary>
    public OnnxModel Build()
    {
        Model.Graph.Output.Add(new ValueInfoProto { Name = Edge });
        return Model;
    }

    /// <summary>What a network answers to an image.</summary>
    public static float[] Run(OnnxModel model, float[] image)
    {
        using OnnxSession session = new(model, "small", threads: 1);
        return session.Run(image, Shape)[0].Singles!;
    }

    private NodeProto Node(string operation, string output, params string[] inputs)
    {
        NodeProto node = new()
        {
            OpType = operation,
            Name = output,
            Input = { inputs },
            Output = { output },
        };
        Model.Graph.Node.Add(node);
        Edge = output;
        return node;
    }

    private string Weight(string name, params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (product, d) => product * d);
        float[] values = Array.ConvertAll(Values(count, Model.Graph.Initializer.Count + 100), value => value - 0.5f);
        Model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
        return name;
    }

    private static float[] Values(int count, int stream)
    {
        CountedRandom random = new(Seed, RandomPurpose.HeadValues, (uint)stream);
        return [.. Enumerable.Range(0, count).Select(i => (float)random.Uniform((uint)i))];
    }
}
