using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Extraction;

public sealed class BlockNamesTests
{
    [Theory]
    [InlineData("resnet18", "layer4", "layer3.1")]
    [InlineData("resnet18", "layer2.0.conv1", "layer1.1")]
    [InlineData("tf_efficientnet_lite0", "blocks.5", "blocks.4.2")]
    [InlineData("tf_efficientnet_lite0", "blocks.1", "blocks.0.0.bn2")]
    [InlineData("mobilenet_v2", "features.1", "features.0.2")] // not features.10
    [InlineData("densenet121", "features.denseblock4", "features.transition3")]
    public void A_named_block_is_trained_from_the_cut_before_it(string name, string block, string edge)
    {
        OnnxModel body = Hollow(name);
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body, [3, 64, 64]);

        Assert.Equal(edge, TrainableCut.Choose(body, cuts, new(TrainedPart.FromEdge(block)), out _)?.Edge);
    }

    [Theory]
    [InlineData("onnx/test_resnet", "layer4")]
    [InlineData("onnx/shufflenet_v2_x0_5", "stage4")]
    [InlineData("onnx/test_vit", "blocks.1")]
    public void A_block_of_a_foreign_network_is_found_by_its_exporters_names(string file, string block)
    {
        ForeignBody body = ForeignBody.Read(
            SharedData.Find($"golden/{file}.onnx"),
            features: null,
            InputTransform.Parse("half")
        );
        OnnxModel model = body.Model;
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(model, body.InputShape);

        CutPoint? cut = TrainableCut.Choose(model, cuts, new(TrainedPart.FromEdge(block)), out _);

        Assert.InRange(cut!.ShareAfter, 0.01, 0.95);
        Assert.Contains(Names(Subgraph.Tail(model, cut.Edge, body.InputShape)), name =>
            name.Contains(block, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(Names(Subgraph.Prefix(model, cut.Edge)), name =>
            name.Contains(block, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void An_edge_of_the_same_name_has_precedence()
    {
        OnnxModel body = Hollow("vgg16");

        CutPoint? cut = TrainableCut.Choose(
            body,
            CutPoints.Find(body, [3, 64, 64]),
            new(TrainedPart.FromEdge("features.23")),
            out _
        );

        Assert.Equal(("features.23", "MaxPool"), (cut?.Edge, cut?.Operator)); // block 5 begins behind it
    }

    [Fact]
    public void An_unknown_block_is_refused_with_the_way_out()
    {
        OnnxModel body = Hollow("resnet18");

        GraftException error = Assert.Throws<GraftException>(() =>
            TrainableCut.Choose(body, CutPoints.Find(body, [3, 64, 64]), new(TrainedPart.FromEdge("layer9")), out _)
        );

        Assert.Contains("no cut point or block of that name", error.Message, StringComparison.Ordinal);
    }

    // One exporter names nodes by module, the other names weights.
    private static IEnumerable<string> Names(OnnxModel model) =>
        model.Graph.Node.SelectMany(node => node.Output).Concat(model.Graph.Initializer.Select(w => w.Name));

    // Cuts do not depend on the weights' values.
    private static OnnxModel Hollow(string name)
    {
        BuiltNetwork built = NamedBodies.Find(name).Architecture.Build(64, classCount: 0);
        foreach (TensorProto weight in built.Parameters)
        {
            WeightValues.Assign(weight, new byte[sizeof(float) * TensorValues.ElementCount(weight, weight.Name)]);
        }

        return built.Model;
    }
}
