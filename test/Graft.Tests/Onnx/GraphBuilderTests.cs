using Graft.Onnx;

namespace Graft.Tests.Onnx;

public class GraphBuilderTests
{
    /// <summary>float32 rounding of a few operations on values near 1.</summary>
    private const float Tolerance = 1e-5f;

    [Fact]
    public void Pooling_to_a_size_that_does_not_divide_uses_the_overlapping_windows_of_PyTorch()
    {
        // 5 rows to 2: rows 0..2 and 2..4; 3 columns to 2: columns 0..1 and 1..2.
        float[] image = [.. Enumerable.Range(0, 15).Select(i => (float)i)];

        float[] pooled = Run(new EdgeShape(1, 5, 3), image, (net, x) => net.AdaptiveAveragePool(x, 2, "pool"));

        AssertNear([3.5f, 4.5f, 9.5f, 10.5f], pooled);
    }

    [Fact]
    public void Pooling_to_a_larger_size_repeats_and_mixes()
    {
        // 2 to 3: windows 0..0, 0..1, 1..1.
        float[] pooled = Run(new EdgeShape(1, 2, 2), [0, 2, 4, 6], (net, x) => net.AdaptiveAveragePool(x, 3, "pool"));

        AssertNear([0, 1, 2, 2, 3, 4, 4, 5, 6], pooled);
    }

    [Fact]
    public void Pooling_to_a_divisor_uses_plain_windows()
    {
        float[] pooled = Run(new EdgeShape(1, 4, 2), [0, 1, 2, 3, 4, 5, 6, 7], (net, x) =>
            net.AdaptiveAveragePool(x, 2, "pool")
        );

        AssertNear([1, 2, 5, 6], pooled);
    }

    [Fact]
    public void Pooling_to_the_same_size_writes_no_node()
    {
        GraphBuilder net = new(OnnxModel.Create("net"));

        string x = net.AdaptiveAveragePool(net.Input("input", new EdgeShape(3, 7, 7)), 7, "pool");

        Assert.Equal("input", x);
        Assert.Empty(net.Model.Graph.Node);
    }

    [Theory]
    [InlineData(-3f, -0.00404f, -0.142277f, 0f, 0f)]
    [InlineData(-1f, -0.158655f, -0.268941f, 0.333333f, -0.333333f)]
    [InlineData(0.5f, 0.345731f, 0.311230f, 0.583333f, 0.291667f)]
    [InlineData(4f, 3.999873f, 3.928055f, 1f, 4f)]
    public void Activations_match_PyTorch(float x, float gelu, float silu, float hardSigmoid, float hardSwish)
    {
        float[] y = Run(new EdgeShape(1, 1, 1), [x], (net, e) =>
            net.Concat("all", net.Gelu(e), net.Silu(e), net.HardSigmoid(e), net.HardSwish(e))
        );

        AssertNear([gelu, silu, hardSigmoid, hardSwish], y);
    }

    [Fact]
    public void Shuffling_interleaves_the_groups()
    {
        float[] shuffled = Run(new EdgeShape(6, 1, 1), [0, 1, 2, 3, 4, 5], (net, x) =>
            net.ChannelShuffle(x, groups: 2)
        );

        AssertNear([0, 3, 1, 4, 2, 5], shuffled);
    }

    [Fact]
    public void TensorFlow_padding_puts_the_odd_pixel_at_the_end()
    {
        // 4 rows, kernel 3, stride 2: one pixel of padding, below and right.
        float[] ones = [.. Enumerable.Repeat(1f, 16)];

        float[] sums = Run(new EdgeShape(1, 4, 4), ones, (net, x) =>
            net.Conv(x, "conv", 1, kernel: 3, stride: 2, GraphBuilder.SamePadding, bias: false)
        );

        AssertNear([9, 6, 6, 4], sums);
    }

    [Theory]
    [InlineData(6, 3, 2, 0, 3)]
    [InlineData(7, 3, 2, 0, 3)]
    [InlineData(5, 2, 2, 0, 3)]
    [InlineData(6, 3, 1, 1, 6)]
    public void A_last_window_beyond_the_border_counts_with_ceiling(
        int side,
        int kernel,
        int stride,
        int padding,
        int expected
    )
    {
        EdgeShape known = default;
        float[] pooled = Run(new EdgeShape(1, side, side), new float[side * side], (net, x) =>
        {
            string y = net.MaxPool(x, kernel, stride, padding, ceiling: true);
            known = net.ShapeOf(y);
            return y;
        });

        Assert.Equal(new EdgeShape(1, expected, expected), known);
        Assert.Equal(expected * expected, pooled.Length);
    }

    [Fact]
    public void A_layer_over_the_last_dimension_multiplies_by_the_transposed_weight()
    {
        // Weight [2,3] and bias are ones: 1 + the sum of the channels.
        float[] y = Run(new EdgeShape(3, 1, 2), [1, 2, 10, 20, 100, 200], (net, x) =>
            net.ToChannelsFirst(net.LinearChannelsLast(net.ToChannelsLast(x), "fc", 2))
        );

        AssertNear([112, 223, 112, 223], y);
    }

    [Fact]
    public void A_network_whose_weights_have_no_values_is_not_written()
    {
        GraphBuilder net = new(OnnxModel.Create("net"));
        net.Output(net.Conv(net.Input("input", new EdgeShape(3, 8, 8)), "conv1", 4, kernel: 3));

        OnnxException error = Assert.Throws<OnnxException>(() => net.Model.ToBytes());

        Assert.Equal(
            "'net' cannot be used: its weight 'conv1.weight' and 1 more has no values yet; load weights first",
            error.Message
        );
    }

    [Fact]
    public void Values_that_do_not_fit_the_shape_are_refused()
    {
        GraphBuilder net = new(OnnxModel.Create("net"));
        net.Parameter("scale", 4);

        Assert.Throws<ArgumentException>(() => WeightValues.Assign(net.Parameters[0], [1f, 2f, 3f]));
    }

    [Fact]
    public void A_name_can_be_used_only_once()
    {
        GraphBuilder net = new(OnnxModel.Create("net"));
        string x = net.Input("input", new EdgeShape(3, 8, 8));
        net.Relu(x, "relu");

        Assert.Throws<InvalidOperationException>(() => net.Relu(x, "relu"));
    }

    [Fact]
    public void A_map_smaller_than_its_window_is_refused()
    {
        GraphBuilder net = new(OnnxModel.Create("net"));
        string x = net.Input("input", new EdgeShape(3, 4, 4));

        OnnxException error = Assert.Throws<OnnxException>(() => net.Conv(x, "conv1", 8, kernel: 7));

        Assert.Contains("'conv1'", error.Message, StringComparison.Ordinal);
    }

    private static float[] Run(EdgeShape shape, float[] image, Func<GraphBuilder, string, string> layers)
    {
        GraphBuilder net = new(OnnxModel.Create("net"));
        net.Output(layers(net, net.Input("input", shape)));
        foreach (TensorProto weight in net.Parameters)
        {
            WeightValues.Assign(weight, Enumerable.Repeat(1f, (int)TensorValues.ElementCount(weight, "net")).ToArray());
        }

        using OnnxSession network = new(net.Model, "net");
        return network.Run(image, 1, shape.Channels, shape.Height, shape.Width)[0].Singles!;
    }

    private static void AssertNear(float[] expected, float[] actual) =>
        Assert.True(
            expected.Length == actual.Length
                && expected.Zip(actual).All(p => Math.Abs(p.First - p.Second) <= Tolerance),
            $"[{string.Join(", ", actual)}], not [{string.Join(", ", expected)}]"
        );
}
