using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class StageEdgesTests
{
    [Theory]
    [InlineData(
        "efficientnet_lite0",
        "blocks.6.0.bn3",
        "blocks.5.3",
        "blocks.4.2",
        "blocks.3.2",
        "blocks.2.1",
        "blocks.1.1",
        "blocks.0.0.bn2"
    )]
    public void A_stage_ends_at_its_last_edge_and_a_widened_middle_is_no_stage(string name, params string[] expected)
    {
        TrainableBody body = TrainableBodyLoader.Load(new() { Body = name });
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);

        Assert.Equal(expected, StageEdges.Of(cuts, null));
        Assert.Equal(expected[..1], StageEdges.Of(cuts, cuts.Single(cut => cut.Edge == "blocks.6.0.bn1")));
    }

    [Fact]
    public void The_averages_of_the_last_map_come_first_and_a_trained_head_sees_only_them()
    {
        using ToyWorld world = new();

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        string evaluation = File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"));
        Assert.Contains("16 averages of the last map", evaluation, StringComparison.Ordinal);
        Assert.Contains("and 8 of earlier maps", evaluation, StringComparison.Ordinal);
        Assert.Contains("and 16 largest values", evaluation, StringComparison.Ordinal);
        // it does not end in pooling over windows: positions mean little
        Assert.DoesNotContain("values of the last map", evaluation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Pooling.Stages, 24)]
    [InlineData(Pooling.Average, 16)]
    [InlineData(Pooling.AverageAndMax, 32)]
    [InlineData(Pooling.Flatten, 16 * 8 * 8)]
    public void The_named_pooling_is_used_and_shipped(Pooling pooling, int features)
    {
        using ToyWorld world = new();
        TrainingOptions options = world.Options with
        {
            Head = new() { Pooling = pooling },
            FineTune = new() { Epochs = 0 },
        };

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        TensorProto weight = OnnxModel
            .Load(result.ModelPath)
            .Graph.Initializer.Single(w => w.Name == HeadBuilder.Prefix + "0.weight");
        Assert.Equal([3L, features], weight.Dims);
        Assert.True(result.Evaluation.Accuracy >= 0.6, $"{result.Evaluation.Accuracy}");
    }

    [Fact]
    public void Fine_tuning_a_head_on_named_stages_starts_from_a_cut_before_them()
    {
        using ToyWorld world = new();
        TrainingOptions options = world.Options with
        {
            Head = new() { Pooling = Pooling.Stages },
            FineTune = world.Options.FineTune with { Train = TrainedPart.Whole },
        };

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(result.Evaluation.Accuracy >= 0.6, $"{result.Evaluation.Accuracy}");
    }
}
