using Graft.Onnx;
using Graft.Training.Quantization;

namespace Graft.Training.Tests;

public sealed class EqualizationTests
{
    [Fact]
    public void An_equalized_network_with_ReLU_computes_the_same()
    {
        OnnxModel network = Chain(clip: null);
        float[] image = SmallNetwork.Images(1)[0];

        OnnxModel equalized = Equalization.Apply(network)!;

        Assert.Equal(SmallNetwork.Run(network, image), SmallNetwork.Run(equalized, image), (a, b) =>
            Math.Abs(a - b) < 1e-4
        );
    }

    [Fact]
    public void The_kernels_on_both_sides_of_a_channel_get_the_same_range()
    {
        OnnxModel network = SmallNetwork.Create().Conv("a", 4, 3).Relu("b").Conv("c", 5, 4).Build();

        OnnxModel equalized = Equalization.Apply(network)!;

        OnnxGraph graph = new(equalized);
        Convolution first = Convolution.Of(graph, graph.ProducerOf("a")!)!;
        Convolution second = Convolution.Of(graph, graph.ProducerOf("c")!)!;
        for (int channel = 0; channel < 4; channel++)
        {
            float before = first.Kernel[(channel * 27)..((channel + 1) * 27)].Max(Math.Abs);
            float after = Enumerable
                .Range(0, 5)
                .Max(m => second.Kernel[((m * 36) + (channel * 9))..((m * 36) + ((channel + 1) * 9))].Max(Math.Abs));
            Assert.Equal(before, after, tolerance: 1e-4f);
        }
    }

    [Fact]
    public void ReLU6_between_two_convolutions_becomes_ReLU()
    {
        OnnxModel equalized = Equalization.Apply(Chain(clip: 6))!;

        Assert.DoesNotContain(equalized.Graph.Node, node => node.OpType == "Clip");
        Assert.Equal(2, equalized.Graph.Node.Count(node => node.OpType == "Relu"));
    }

    [Fact]
    public void A_network_without_neighbouring_convolutions_has_nothing_to_equalize()
    {
        OnnxModel network = SmallNetwork.Create().Conv("a", 4, 3).MaxPool("b").Conv("c", 5, 4).Build();

        Assert.Null(Equalization.Apply(network));
    }

    private static OnnxModel Chain(float? clip)
    {
        SmallNetwork network = SmallNetwork.Create().Conv("a", 8, 3);
        network = clip is float high ? network.Clip("b", high) : network.Relu("b");
        network = network.Conv("c", 8, 8, groups: 8);
        network = clip is float limit ? network.Clip("d", limit) : network.Relu("d");
        return network.Conv("e", 6, 8).Build();
    }
}
