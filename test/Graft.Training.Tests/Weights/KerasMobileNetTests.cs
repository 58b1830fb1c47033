using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// MobileNetV2 in the widths of Keras applications, and with the head that Teachable Machine gives it.
/// </summary>
public sealed class KerasMobileNetTests
{
    [Theory]
    [InlineData("mobilenet_v2_035")]
    [InlineData("mobilenet_v2_050")]
    [InlineData("mobilenet_v2_075")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v2_130")]
    [InlineData("mobilenet_v2_140")]
    public void Every_layer_of_each_width_has_its_place_and_shape(string name)
    {
        Dictionary<string, IReadOnlyList<long>> expected = NamedBodies
            .Find(name)
            .Architecture.Build(64)
            .Parameters.ToDictionary(p => p.Name, p => (IReadOnlyList<long>)p.Dims);

        WeightMatch match = WeightMatch.Of(WeightNames.Rename(Keras(name, _ => true), expected), expected);

        Assert.Equal(expected.Keys, match.Tensors.Keys);
        Assert.Empty(match.Unused);
    }

    // Teachable Machine nests Sequential(Sequential(MobileNetV2 up to out_relu, average pooling), Sequential(two dense
    // layers)); the second has no bias (googlecreativelab/teachablemachine-community, libraries/image). Keras names the
    // weights in such a file by their own layers.
    [Fact]
    public void A_file_of_Teachable_Machine_is_a_body_with_its_two_dense_layers_as_the_classifier()
    {
        WeightTensor[] head =
        [
            Networks.Numbered("dense_Dense1/kernel:0", 1280, 100),
            Networks.Numbered("dense_Dense1/bias:0", 100),
            Networks.Numbered("dense_Dense2/kernel:0", 100, 3),
        ];
        WeightFile file = Keras(
            "mobilenet_v2_035",
            name => !name.Contains("predictions/", StringComparison.Ordinal),
            head
        );

        Body body = BodyLoader.Make(NamedBodies.Find("mobilenet_v2_0.35"), file, "00", preprocessing: null);

        Assert.True(body.HasClassifier);
        Assert.Equal(["Gemm", "Relu", "Gemm"], body.Model.Graph.Node.TakeLast(3).Select(node => node.OpType));
        Dictionary<string, TensorProto> weights = body.Model.Graph.Initializer.ToDictionary(weight => weight.Name);
        Assert.Equal([0, 100, 200], TensorValues.ToSingles(weights["classifier.0.weight"])[..3]); // transposed
        Assert.Equal([3L, 100], weights["classifier.1.weight"].Dims);
        Assert.Equal([0f, 0, 0], TensorValues.ToSingles(weights["classifier.1.bias"]));
        Assert.Equal(new PerChannel(127.5f, 127.5f, 127.5f), body.Card.Preprocessing.Mean);
        string edge = body.FeatureEdge;
        Assert.Equal([1, 1280, 7, 7], ShapeProbe.Measure(body.Model, [edge], 1, [3, 224, 224])[edge]);
    }

    [Fact]
    public void A_head_of_another_form_is_left_out()
    {
        WeightTensor[] head = [Networks.Hollow("dense/kernel:0", 62720, 3), Networks.Hollow("dense/bias:0", 3)];
        WeightFile file = Keras(
            "mobilenet_v2_035",
            name => !name.Contains("predictions/", StringComparison.Ordinal),
            head
        );

        Body body = BodyLoader.Make(NamedBodies.Find("mobilenet_v2_035"), file, "00", preprocessing: null);

        Assert.False(body.HasClassifier);
    }

    private static WeightFile Keras(string name, Func<string, bool> isKept, params WeightTensor[] head) =>
        Networks.FileOf(
            [
                .. KerasApplications
                    .Weights(name)
                    .Where(weight => isKept(weight.Name))
                    .Select(weight => Networks.Hollow(weight.Name, weight.Shape)),
                .. head,
            ],
            isChannelsLast: true
        );
}
