using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public sealed class InferredShapesTests
{
    /// <summary>An odd size, which no stride divides: it tests rounding and padding.</summary>
    private const int OddSide = 97;

    [Theory]
    [InlineData("tf_efficientnet_lite0")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("resnet18")]
    [InlineData("densenet121")]
    [InlineData("mnasnet0_5")]
    [InlineData("regnet_y_400mf")]
    public void The_inferred_shape_of_every_edge_equals_that_of_a_run(string name)
    {
        OnnxModel model = Filled(name);
        string[] edges = [.. model.Graph.Node.SelectMany(node => node.Output)];

        IReadOnlyList<EdgeType>? inferred = InferredShapes.Infer(new(model), edges, [2, 3, OddSide, OddSide]);

        Assert.NotNull(inferred);
        Assert.Equal(ShapeProbe.Run(model, edges, [2, 3, OddSide, OddSide]), inferred, (one, other) =>
            one.IsFloat == other.IsFloat && one.Shape.SequenceEqual(other.Shape)
        );
    }

    [Theory]
    [InlineData("googlenet", "MaxPool")] // rounds up
    [InlineData("shufflenet_v2_x0_5", "Reshape")] // depends on a tensor's values
    public void A_network_is_run_where_operators_do_not_tell_its_shapes(string name, string operation)
    {
        OnnxModel model = Filled(name);
        string edge = model.Graph.Node.First(node => node.OpType == operation).Output[0];

        Assert.Null(InferredShapes.Infer(new(model), [edge], [1, 3, OddSide, OddSide]));
        Assert.Equal(
            4,
            ShapeProbe
                .Measure(
                    model,
                    [model.Graph.Node.First(node => node.OpType == "Conv").Output[0]],
                    1,
                    [3, OddSide, OddSide]
                )
                .Values.Last()
                .Length
        );
    }

    [Fact]
    public void The_shape_of_an_edge_that_no_node_makes_is_measured_by_a_run()
    {
        OnnxModel model = Filled("resnet18");

        Assert.Null(InferredShapes.Infer(new(model), [model.Graph.Initializer[0].Name], [1, 3, OddSide, OddSide]));
    }

    private static OnnxModel Filled(string name) => NamedBodies.Find(name).Architecture.Build(OddSide, 10).Filled();
}
