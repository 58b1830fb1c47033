using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.FineTuning;
using Graft.Training.Release;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Tests.Bodies;

/// <summary>The nodes that Graft adds to a network, in the operator set of that network.</summary>
public sealed class AddedNodesTests
{
    private const int OldestOpset = 7;
    private const int NewestOpset = 26; // of ONNX Runtime 1.31
    private const int Classes = 3;
    private const int Side = 16;
    private const float Tolerance = 1e-5f; // sums in another order

    [Fact]
    public void Added_nodes_compute_the_same_in_every_operator_set()
    {
        float[] expected = Answers(OnnxModel.DefaultOpset);

        Assert.InRange(expected[0], 0.01, 0.99);
        for (int opset = OldestOpset; opset <= NewestOpset; opset++)
        {
            float[] found = Answers(opset);
            Assert.True(
                found.Length == expected.Length
                    && found.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < Tolerance),
                $"opset {opset}: {string.Join(' ', found)}, not {string.Join(' ', expected)}"
            );
        }
    }

    // Everything that import, head and export may add: a conversion to grey, to bytes and to channels last, a token for
    // each image of a batch, pools, a scale, hidden layers, normalisation, temperature and the novelty score.
    private static float[] Answers(int opset)
    {
        ImportedNetwork imported = OnnxImport.Canonicalize(Foreign(opset), "test");
        FeatureBoundary boundary = FeatureBoundary.Find(imported.Model, imported.InputShape) with
        {
            StageEdges = ["a"],
        };
        OnnxImport.RequireDynamicBatch(imported, boundary.Edge, "test");
        OnnxModel network = HeadBuilder.AppendPooling(
            Subgraph.Prefix(imported.Model, boundary.Edge),
            boundary,
            Pooling.Auto
        );
        int features = (2 * 16) + 8; // averages and largest values of b, averages of a
        HeadBuilder.AppendLayers(
            network,
            [Layer(5, features), Layer(Classes, 5)],
            dropout: 0.5,
            new FeatureScale(Values(features, 0.1), Values(features, 2))
        );
        Preprocessing preprocessing = new()
        {
            Width = Side,
            Height = Side,
            Order = ChannelOrder.Bgr,
            Mean = new(0, 0, 0),
            Deviation = new(1, 1, 1),
        };
        OnnxModel exported = ModelExport.Build(network, preprocessing, temperature: 2, Classes);
        double[][] centres = [.. Enumerable.Range(0, Classes).Select(_ => Values(features, 0.1))];
        NoveltyOutput.Append(exported, HeadBuilder.Features, centres, features, threshold: 0.5);

        using OnnxSession session = new(exported, $"opset {opset}");
        float[] images = [.. Enumerable.Range(0, 2 * 3 * Side * Side).Select(i => (float)(i * 31 % 256))];
        return [.. session.Run(images, 2, 3, Side, Side).SelectMany(output => output.Singles!)];
    }

    private static LinearLayer Layer(int outputs, int inputs) =>
        new(outputs, inputs, Values(outputs * inputs, 0.3), Values(outputs, 0.1));

    private static double[] Values(int count, double scale) =>
        [.. Enumerable.Range(0, count).Select(i => scale * (1 + (i * 7 % 5)) / 3)];

    // x → cast → channels first → conv a (8) → token → conv b (16) → pool → 10 classes.
    private static OnnxModel Foreign(int opset)
    {
        OnnxModel model = OnnxModel.Create("foreign");
        model.Proto.OpsetImport[0].Version = opset;
        model.Graph.Input.Add(EdgeDeclaration.CreateFixed("x", [1, Side, Side, 1]));
        model.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8;
        Add(model, "Cast", ["x"], "float").WithAttribute("to", (long)DataType.Float);
        Add(model, "Transpose", ["float"], "first").WithAttribute("perm", 0, 3, 1, 2);
        Add(model, "Conv", ["first", Weight(model, "a.weight", 8, 1, 3, 3)], "a").WithAttribute("pads", 1, 1, 1, 1);
        Add(model, "Concat", ["a", Weight(model, "token", 1, 1, Side, Side)], "c").WithAttribute("axis", 1L);
        Add(model, "Conv", ["c", Weight(model, "b.weight", 16, 9, 3, 3)], "b.conv");
        Add(model, "Relu", ["b.conv"], "b");
        Add(model, "GlobalAveragePool", ["b"], "pooled");
        Add(model, "Flatten", ["pooled"], "flat");
        Add(model, "Gemm", ["flat", Weight(model, "fc.weight", 16, 10), Weight(model, "fc.bias", 10)], "logits");
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }

    private static NodeProto Add(OnnxModel model, string operation, string[] inputs, string output)
    {
        NodeProto node = new()
        {
            OpType = operation,
            Input = { inputs },
            Output = { output },
        };
        model.Graph.Node.Add(node);
        return node;
    }

    private static string Weight(OnnxModel model, string name, params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (product, d) => product * d);
        float[] values = [.. Enumerable.Range(0, count).Select(i => ((i * 13 % 17) - 8) / 200f)];
        model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
        return name;
    }
}
