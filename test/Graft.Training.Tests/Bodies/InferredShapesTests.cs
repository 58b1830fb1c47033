using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public sealed class InferredShapesTests
{
    /// <summary>Odd, so that every stride, ceiling and padding meets a size that it does not divide.</summary>
    private const int OddSide = 97;

    [Theory]
    [InlineData("tf_efficientnet_lite0")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("resnet18")]
    [InlineData("densenet121")]
    [InlineData("mnasnet0_5")]
    [InlineData("regnet_y_400mf")]
    public void Every_edge_of_a_network_has_the_shape_that_a_run_gives_it(string name)
    {
        OnnxModel model = Filled(name);
        string[] edges = [.. model.Graph.Node.SelectMany(node => node.Output)];

        IReadOnlyList<(long[] Shape, bool IsReal)>? inferred = InferredShapes.Infer(
            new(model),
            edges,
            [2, 3, OddSide, OddSide]
        );

        Assert.NotNull(inferred);
        Assert.Equal(ShapeProbe.Run(model, edges, [2, 3, OddSide, OddSide]), inferred, (one, other) =>
            one.IsReal == other.IsReal && one.Shape.SequenceEqual(other.Shape)
        );
    }

    [Theory]
    [InlineData("googlenet", "MaxPool")] // rounds up
    [InlineData("shufflenet_v2_x0_5", "Reshape")] // asks a tensor's values
    public void Where_operators_alone_do_not_tell_the_network_is_run(string name, string operation)
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
    public void An_edge_that_no_node_makes_is_left_to_the_run()
    {
        OnnxModel model = Filled("resnet18");

        Assert.Null(InferredShapes.Infer(new(model), [model.Graph.Initializer[0].Name], [1, 3, OddSide, OddSide]));
    }

    private static OnnxModel Filled(string name) => NamedBodies.Find(name).Architecture.Build(OddSide, 10).Filled();
}
