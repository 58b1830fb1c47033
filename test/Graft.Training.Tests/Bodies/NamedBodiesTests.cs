using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public class NamedBodiesTests
{
    public static TheoryData<string> Names => [.. NamedBodies.Entries.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_network_has_the_published_number_of_parameters(string name)
    {
        BodyEntry entry = NamedBodies.Find(name);

        BuiltNetwork built = entry.Architecture.Build(entry.InputSize);

        Assert.Equal(entry.ParameterCount, built.ParameterCount);
    }

    [Theory]
    [InlineData("EfficientNet-Lite0", "tf_efficientnet_lite0")]
    [InlineData("efficientnet_lite0", "tf_efficientnet_lite0")]
    [InlineData("VGG16", "vgg16")]
    [InlineData("vgg16-BN", "vgg16_bn")]
    [InlineData("ResNeXt50", "resnext50_32x4d")]
    [InlineData("SqueezeNet 1.1", "squeezenet1_1")]
    [InlineData("MobileNet", "mobilenet_v1_100")]
    public void Letter_case_and_punctuation_of_a_name_do_not_matter(string written, string name) =>
        Assert.Equal(name, NamedBodies.Find(written).Name);

    [Fact]
    public void A_mistyped_name_gets_a_suggestion()
    {
        GraftException error = Assert.Throws<GraftException>(() => NamedBodies.Find("resnt50"));

        Assert.Contains("'resnt50' cannot be the body", error.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'resnet50'?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tf_efficientnet_lite0")]
    [InlineData("resnet18")]
    [InlineData("squeezenet1_1")]
    [InlineData("densenet121")]
    [InlineData("googlenet")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    [InlineData("shufflenet_v2_x0_5")]
    [InlineData("regnet_y_400mf")]
    [InlineData("mnasnet0_5")]
    public void The_search_in_a_foreign_graph_finds_the_builders_feature_map(string name)
    {
        BuiltNetwork built = NamedBodies.Find(name).Architecture.Build(64, classCount: 5);
        foreach (TensorProto weight in built.Parameters)
        {
            WeightValues.Assign(weight, new byte[sizeof(float) * TensorValues.ElementCount(weight, weight.Name)]);
        }

        FeatureBoundary boundary = FeatureBoundary.Find(built.Model, [3, 64, 64]);

        Assert.Equal(built.FeatureEdge, boundary.Edge);
    }

    [Theory]
    [InlineData("resnet50", 3 * 2)] // two convolutions in each of the three blocks that halve the map
    [InlineData("mobilenet_v2", 1 + 17)] // the stem and every depthwise convolution
    [InlineData("efficientnet_b0", 1 + 16)]
    public void Kerass_variant_has_the_same_weights_but_other_strides_and_paddings(string name, int differences)
    {
        Architecture architecture = NamedBodies.Find(name).Architecture;

        BuiltNetwork torch = architecture.Build(224);
        BuiltNetwork keras = architecture.Build(224, isKeras: true);

        Assert.Equal(
            torch.Parameters.Select(p => $"{p.Name} {p.Dims}"),
            keras.Parameters.Select(p => $"{p.Name} {p.Dims}")
        );
        Assert.Equal(torch.Model.Graph.Node.Select(n => n.Name), keras.Model.Graph.Node.Select(n => n.Name));
        Assert.Equal(
            differences,
            torch.Model.Graph.Node.Zip(keras.Model.Graph.Node).Count(pair => !pair.First.Equals(pair.Second))
        );
    }

    [Fact]
    public void Kerass_ResNet_has_its_stride_in_the_first_convolution_of_a_bottleneck()
    {
        OnnxModel keras = NamedBodies.Find("resnet50").Architecture.Build(224, isKeras: true).Model;

        Assert.Equal([2, 2], keras.Graph.Node.Single(n => n.Name == "layer2.0.conv1").GetInts("strides")!);
        Assert.Equal([1, 1], keras.Graph.Node.Single(n => n.Name == "layer2.0.conv2").GetInts("strides")!);
    }

    [Fact]
    public void An_input_too_small_for_the_networks_strides_is_refused()
    {
        OnnxException error = Assert.Throws<OnnxException>(() => NamedBodies.Find("vgg16").Architecture.Build(16));

        Assert.Contains("build the network for larger images", error.Message, StringComparison.Ordinal);
    }
}
