using Graft.Onnx;
using Graft.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

/// <summary>Operators in the form of older operator sets, and graphs that demand too much memory.</summary>
[Collection("torch")]
public sealed class OpsetTests
{
    [Fact]
    public void Softmax_before_opset_13_runs_over_all_axes_from_one_on()
    {
        OnnxModel old = new SmallGraph(11).Node("Softmax", "x", "y").Output("y");
        OnnxModel now = new SmallGraph(13)
            .Node("Softmax", "x", "y", node => node.WithAttribute("axis", 1L))
            .Output("y");

        Assert.Equal(0.25f, Run(old, zeros(1, 2, 2))[0]);
        Assert.Equal(0.5f, Run(now, zeros(1, 2, 2))[0]);
    }

    [Fact]
    public void Add_before_opset_7_aligns_the_second_operand_at_its_axis()
    {
        OnnxModel model = new SmallGraph(6)
            .Weight("b", [2], 10, 20)
            .Node("Add", "x b", "y", node => node.WithAttribute("broadcast", 1L).WithAttribute("axis", 1L))
            .Output("y");

        Assert.Equal([10f, 10f, 20f, 20f], Run(model, zeros(1, 2, 2)));
    }

    [Fact]
    public void Older_opsets_have_attributes_instead_of_inputs()
    {
        Assert.Equal(
            [-1f, 0.5f, 2f],
            Run(
                new SmallGraph(10)
                    .Node("Clip", "x", "y", node => node.WithAttribute("min", -1f).WithAttribute("max", 2f))
                    .Output("y"),
                tensor(new[] { -3f, 0.5f, 3f })
            )
        );
        Assert.Equal(
            [2f, 3f],
            Run(
                new SmallGraph(9)
                    .Node("Slice", "x", "y", node => node.WithAttribute("starts", [1]).WithAttribute("ends", [3]))
                    .Output("y"),
                tensor(new[] { 1f, 2f, 3f, 4f })
            )
        );
        Assert.Equal(
            [7f, 1f, 7f, 7f],
            Run(
                new SmallGraph(10)
                    .Node("Pad", "x", "y", node => node.WithAttribute("pads", 1, 2).WithAttribute("value", 7f))
                    .Output("y"),
                tensor(new[] { 1f })
            )
        );
        Assert.Equal(
            [6f],
            Run(
                new SmallGraph(12)
                    .Node("ReduceSum", "x", "y", node => node.WithAttribute("axes", [1]).WithAttribute("keepdims", 0L))
                    .Output("y"),
                tensor(new[] { 1f, 2f, 3f }).reshape(1, 3)
            )
        );
        Assert.Equal(
            [3f],
            Run(
                new SmallGraph(12).Node("Split", "x", "a y", node => node.WithAttribute("split", 2, 1)).Output("y"),
                tensor(new[] { 1f, 2f, 3f })
            )
        );
        Assert.Equal(
            [1f, 1f, 2f, 2f],
            Run(
                new SmallGraph(7).Node("Upsample", "x", "y", node => node.Attribute.Add(Scales(1, 2))).Output("y"),
                tensor(new[] { 1f, 2f }).reshape(1, 2)
            )
        );
    }

    [Fact]
    public void Resize_interpolates_between_pixel_centres()
    {
        OnnxModel model = new SmallGraph()
            .Weight("scales", [3], 1, 1, 2)
            .Node("Resize", "x - scales", "y", node => node.WithAttribute("mode", "linear"))
            .Output("y");

        Assert.Equal([1f, 1.5f, 2.5f, 3f], Run(model, tensor(new[] { 1f, 3f }).reshape(1, 1, 2)));
    }

    [Fact]
    public void Group_norm_scales_groups_before_opset_21_and_channels_from_then_on()
    {
        static OnnxModel Model(int opset, params float[] scale) =>
            new SmallGraph(opset)
                .Weight("s", [scale.Length], scale)
                .Weight("b", [scale.Length], new float[scale.Length])
                .Node("GroupNormalization", "x s b", "y", node => node.WithAttribute("num_groups", 2L))
                .Output("y");
        using Tensor input = TorchGraphTests.Input(1).repeat(1, 2, 1, 1)[.., ..4];

        TorchGraphTests.AssertClose(
            Run(Model(21, 2, 2, 5, 5), input.alias()),
            Run(Model(18, 2, 5), input.alias()),
            1e-6
        );
    }

    [Theory]
    [InlineData("ConstantOfShape")]
    [InlineData("Expand")]
    [InlineData("Tile")]
    [InlineData("Pad")]
    public void A_graph_over_the_memory_limit_is_refused_before_memory_is_reserved(string operation)
    {
        SmallGraph graph =
            operation == "ConstantOfShape"
                ? new SmallGraph().Ints("n", 1L << 40).Node(operation, "n", "y")
                : new SmallGraph()
                    .Ints("n", operation == "Pad" ? [0, 1L << 40] : [1L << 40])
                    .Node(operation, "x n", "y");

        OnnxException refusal = Assert.Throws<OnnxException>(() => Run(graph.Output("y"), ones(1)));

        Assert.Contains("the limit is", refusal.Message);
        Assert.Contains($"the_{operation}", refusal.Message);
    }

    [Theory]
    [InlineData("strides", 0)]
    [InlineData("dilations", 0)]
    [InlineData("kernel_shape", 0)]
    [InlineData("pads", -1)]
    [InlineData("strides", long.MaxValue)]
    [InlineData("pads", long.MaxValue)]
    public void A_window_with_a_senseless_attribute_is_refused(string attribute, long value)
    {
        OnnxModel model = new SmallGraph()
            .Node("MaxPool", "x", "y", node =>
            {
                node.WithAttribute(attribute, attribute == "pads" ? [value, value, value, value] : [value, value]);
                _ = attribute == "kernel_shape" ? node : node.WithAttribute("kernel_shape", 2, 2);
            })
            .Output("y");

        Assert.Contains("the_MaxPool", Assert.Throws<OnnxException>(() => Run(model, ones(1, 1, 4, 4))).Message);
    }

    private static AttributeProto Scales(params float[] values)
    {
        AttributeProto attribute = new() { Name = "scales", Type = AttributeProto.Types.AttributeType.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    private static float[] Run(OnnxModel model, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph graph = new(model);
        using Tensor given = input;
        return TorchGraphTests.Floats(graph.Forward(given));
    }
}
