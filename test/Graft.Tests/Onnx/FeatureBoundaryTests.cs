using Graft.Onnx;

namespace Graft.Tests.Onnx;

public sealed class FeatureBoundaryTests
{
    [Fact]
    public void A_body_ends_at_the_map_before_the_global_pool()
    {
        FeatureBoundary boundary = FeatureBoundary.Find(SmallNetworks.Residual(), SmallNetworks.InputShape);

        Assert.Equal(("d", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Fact]
    public void A_1x1_convolution_with_one_output_per_class_is_the_classifier()
    {
        OnnxModel model = OnnxModel.Create("squeeze");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(model, "Conv", ["x", SmallNetworks.Weight(model, "a.weight", 4, 3, 3, 3)], "a");
        SmallNetworks.Add(model, "Dropout", ["a"], "dropped");
        SmallNetworks.Add(
            model,
            "Conv",
            ["dropped", SmallNetworks.Weight(model, "classifier.weight", 5, 4, 1, 1)],
            "b"
        );
        SmallNetworks.Add(model, "Relu", ["b"], "c");
        SmallNetworks.Add(model, "GlobalAveragePool", ["c"], "d");
        SmallNetworks.Add(model, "Softmax", ["d"], "logits").WithAttribute("axis", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });

        FeatureBoundary boundary = FeatureBoundary.Find(model, SmallNetworks.InputShape);

        Assert.Equal(("a", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Theory]
    [InlineData("mnasnet0_5", FeatureKind.Map)]
    [InlineData("shufflenet_v2_x0_5", FeatureKind.Map)]
    [InlineData("squeezenet1_1", FeatureKind.Map)]
    [InlineData("test_byobnet", FeatureKind.Map)]
    [InlineData("test_convnext", FeatureKind.Map)]
    [InlineData("test_efficientnet", FeatureKind.Map)]
    [InlineData("test_resnet", FeatureKind.Map)]
    [InlineData("test_vit", FeatureKind.Vector)]
    public void The_boundary_of_exported_networks_is_that_of_their_architecture(string name, object kind)
    {
        OnnxModel model = OnnxModel.Load(SharedData.Find($"golden/onnx/{name}.onnx"));
        long[] shape = [3, .. new OnnxGraph(model).Inputs[0].Type.TensorType.Shape.Dim.Skip(2).Select(d => d.DimValue)];

        FeatureBoundary boundary = FeatureBoundary.Find(model, shape);

        Assert.Equal(kind, boundary.Kind);
        long[] edge = ShapeProbe.Measure(model, [boundary.Edge], 1, shape)[boundary.Edge];
        Assert.True(
            boundary.Kind == FeatureKind.Vector ? edge.Length == 2 : edge.Length == 4 && edge[1] > 10,
            $"{boundary.Edge}: {string.Join(' ', edge)}"
        );
    }
}
