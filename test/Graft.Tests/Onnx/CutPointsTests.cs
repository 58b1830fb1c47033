using Graft.Onnx;

namespace Graft.Tests.Onnx;

public sealed class CutPointsTests
{
    [Fact]
    public void Cut_points_are_listed_in_order()
    {
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(SmallNetworks.Residual(), SmallNetworks.InputShape);

        Assert.Equal(["x", "a", "b", "d", "e", "f", "logits"], cuts.Select(cut => cut.Edge)); // not c: b bypasses it
    }

    [Fact]
    public void Parameters_and_multiply_adds_are_counted_on_both_sides_of_a_cut()
    {
        CutPoint cut = CutPoints.Find(SmallNetworks.Residual(), SmallNetworks.InputShape).Single(c => c.Edge == "b");

        Assert.Equal(4 * 3 * 3 * 3, cut.ParametersBefore);
        Assert.Equal((4 * 4) + (5 * 4) + 5, cut.ParametersAfter);
        Assert.Equal(8 * 8 * 4 * 27, cut.MultiplyAddsBefore);
        Assert.Equal((8 * 8 * 4 * 4) + (5 * 4), cut.MultiplyAddsAfter);
        Assert.Equal([4L, 8, 8], cut.Shape);
    }

    [Fact]
    public void Reading_the_shape_of_an_early_edge_does_not_bypass_a_cut()
    {
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(WithShapeQuestion(), SmallNetworks.InputShape);

        Assert.Contains("b", cuts.Select(cut => cut.Edge));
        Assert.Contains("c", cuts.Select(cut => cut.Edge));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("a")]
    [InlineData("c")]
    [InlineData("g")]
    public void Prefix_and_tail_together_compute_the_same_as_the_whole_network(string edge)
    {
        OnnxModel model = WithShapeQuestion();
        float[] images = SmallNetworks.Images(5);
        float[] whole = SmallNetworks.Run(model, images, 5, 3, 8, 8);

        using OnnxSession prefix = new(Subgraph.Prefix(model, edge), "prefix");
        OnnxOutput activations = edge == "x" ? new([5, 3, 8, 8], images, null) : prefix.Run(images, 5, 3, 8, 8)[0];
        float[] tail = SmallNetworks.Run(
            Subgraph.Tail(model, edge, SmallNetworks.InputShape),
            activations.Singles!,
            activations.Shape
        );

        Assert.Equal(whole, tail);
    }

    [Fact]
    public void An_edge_that_data_bypasses_is_refused_by_name()
    {
        OnnxException error = Assert.Throws<OnnxException>(() =>
            Subgraph.Tail(SmallNetworks.Residual(), "c", SmallNetworks.InputShape)
        );

        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
        Assert.Contains("not a cut point", error.Message, StringComparison.Ordinal);
    }

    // A Reshape after c flattens the map; its shape comes from x as exporters write it: Shape → Gather → Concat.
    private static OnnxModel WithShapeQuestion()
    {
        OnnxModel model = OnnxModel.Create("question");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(model, "Conv", ["x", SmallNetworks.Weight(model, "a.weight", 4, 3, 3, 3)], "a");
        SmallNetworks.Add(model, "Relu", ["a"], "b");
        SmallNetworks.Add(model, "Shape", ["x"], "shape");
        model.Graph.Initializer.Add(TensorValues.FromInt64s("zero", [1], [0]));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("rest", [1], [-1]));
        SmallNetworks.Add(model, "Gather", ["shape", "zero"], "batch");
        SmallNetworks.Add(model, "Concat", ["batch", "rest"], "target").WithAttribute("axis", 0);
        SmallNetworks.Add(model, "Conv", ["b", SmallNetworks.Weight(model, "c.weight", 2, 4, 3, 3)], "c");
        SmallNetworks.Add(model, "Reshape", ["c", "target"], "g");
        SmallNetworks
            .Add(model, "Gemm", ["g", SmallNetworks.Weight(model, "fc.weight", 5, 32)], "logits")
            .WithAttribute("transB", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }
}
