using Graft.Onnx;

namespace Graft.Tests.Onnx;

/// <summary>Where the body ends in heads as other libraries write them.</summary>
public sealed class ForeignHeadTests
{
    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("Elu")]
    [InlineData("Selu")]
    [InlineData("Softplus")]
    [InlineData("PRelu")]
    [InlineData("Gelu")]
    public void A_flattened_map_with_its_channels_last_is_taken_with_its_channels_first(string activation)
    {
        OnnxModel model = WithMap(); // the map a is 4 x 6 x 6
        SmallNetworks.Add(model, "Transpose", ["a"], "last").WithAttribute("perm", 0, 2, 3, 1);
        SmallNetworks.Add(model, "Flatten", ["last"], "flat").WithAttribute("axis", 1);
        SmallNetworks.Add(model, "MatMul", ["flat", SmallNetworks.Weight(model, "w1", 144, 7)], "hidden");
        string[] inputs = activation == "PRelu" ? ["hidden", SmallNetworks.Weight(model, "slope", 7)] : ["hidden"];
        SmallNetworks.Add(model, activation, inputs, "active");
        SmallNetworks.Add(model, "MatMul", ["active", SmallNetworks.Weight(model, "w2", 7, 5)], "logits");
        model.Proto.OpsetImport[0].Version = 20; // the first with Gelu

        FeatureBoundary boundary = FeatureBoundary.Find(Finish(model, "logits"), SmallNetworks.InputShape);

        Assert.Equal(("a", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Fact]
    public void An_activation_behind_the_transposition_is_left_out()
    {
        OnnxModel model = WithMap();
        SmallNetworks.Add(model, "Transpose", ["a"], "last").WithAttribute("perm", 0, 2, 3, 1);
        SmallNetworks.Add(model, "Tanh", ["last"], "active");
        SmallNetworks.Add(model, "Flatten", ["active"], "flat").WithAttribute("axis", 1);
        SmallNetworks.Add(model, "MatMul", ["flat", SmallNetworks.Weight(model, "w", 144, 5)], "logits");

        FeatureBoundary boundary = FeatureBoundary.Find(Finish(model, "logits"), SmallNetworks.InputShape);

        Assert.Equal(("a", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Fact]
    public void A_map_that_is_pooled_with_its_channels_last_is_taken_with_its_channels_first()
    {
        OnnxModel model = WithMap();
        SmallNetworks.Add(model, "Transpose", ["a"], "last").WithAttribute("perm", 0, 2, 3, 1);
        model.Graph.Initializer.Add(TensorValues.FromInt64s("axes", [2], [1, 2]));
        SmallNetworks.Add(model, "ReduceMean", ["last", "axes"], "pooled").WithAttribute("keepdims", 0L);
        SmallNetworks.Add(model, "MatMul", ["pooled", SmallNetworks.Weight(model, "w", 4, 5)], "logits");

        FeatureBoundary boundary = FeatureBoundary.Find(Finish(model, "logits"), SmallNetworks.InputShape);

        Assert.Equal(("a", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Fact]
    public void A_convolution_over_the_whole_map_is_the_classifier()
    {
        OnnxModel model = WithMap();
        SmallNetworks.Add(model, "Conv", ["a", SmallNetworks.Weight(model, "w", 10, 4, 6, 6)], "c");
        SmallNetworks.Add(model, "Flatten", ["c"], "logits").WithAttribute("axis", 1);

        FeatureBoundary boundary = FeatureBoundary.Find(Finish(model, "logits"), SmallNetworks.InputShape);

        Assert.Equal(
            ("a", "a convolution over the whole map with 10 outputs is the classifier"),
            (boundary.Edge, boundary.Reason)
        );
    }

    [Fact]
    public void Convolutions_of_one_place_are_layers_of_the_head()
    {
        OnnxModel model = WithMap();
        SmallNetworks.Add(model, "Conv", ["a", SmallNetworks.Weight(model, "w1", 9, 4, 6, 6)], "c");
        SmallNetworks.Add(model, "Relu", ["c"], "d");
        SmallNetworks.Add(model, "Conv", ["d", SmallNetworks.Weight(model, "w2", 8, 9, 1, 1)], "e");
        SmallNetworks.Add(model, "HardSwish", ["e"], "f");
        SmallNetworks.Add(model, "Conv", ["f", SmallNetworks.Weight(model, "w3", 5, 8, 1, 1)], "g");
        SmallNetworks.Add(model, "Flatten", ["g"], "logits").WithAttribute("axis", 1);

        FeatureBoundary boundary = FeatureBoundary.Find(Finish(model, "logits"), SmallNetworks.InputShape);

        Assert.Equal(("a", FeatureKind.Map), (boundary.Edge, boundary.Kind));
    }

    [Theory]
    [InlineData("boxes")] // one number for each place, as in detectors
    [InlineData("map")] // classes for each place, as in segmenters
    public void A_network_that_answers_for_places_is_no_classifier(string kind)
    {
        OnnxModel model = WithMap();
        int outputs = kind == "boxes" ? 1 : 5;
        SmallNetworks.Add(model, "Conv", ["a", SmallNetworks.Weight(model, "w", outputs, 4, 1, 1)], "places");
        model.Graph.Initializer.Add(TensorValues.FromInt64s("shape", [3], [0, -1, 1]));
        SmallNetworks.Add(model, "Transpose", ["places"], "last").WithAttribute("perm", 0, 2, 3, 1);
        SmallNetworks.Add(model, "Reshape", ["last", "shape"], "boxes");
        SmallNetworks.Add(model, "Sigmoid", ["places"], "map");

        OnnxException error = Assert.Throws<OnnxException>(() =>
            FeatureBoundary.Find(Finish(model, kind), SmallNetworks.InputShape)
        );

        Assert.Contains("it is no classifier: its output", error.Message, StringComparison.Ordinal);
        Assert.Contains("name the edge where the body ends", error.Message, StringComparison.Ordinal);
        Assert.Equal("a", FeatureBoundary.FromEdge(model, "a", SmallNetworks.InputShape).Edge);
    }

    // x → conv → relu a: a map of 4 x 6 x 6.
    private static OnnxModel WithMap()
    {
        OnnxModel model = OnnxModel.Create("foreign");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(model, "Conv", ["x", SmallNetworks.Weight(model, "a.weight", 4, 3, 3, 3)], "a.conv");
        SmallNetworks.Add(model, "Relu", ["a.conv"], "a");
        return model;
    }

    private static OnnxModel Finish(OnnxModel model, string output)
    {
        model.Graph.Output.Add(new ValueInfoProto { Name = output });
        return model;
    }
}
