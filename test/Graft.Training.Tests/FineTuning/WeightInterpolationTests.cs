using System.Text.Json;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class WeightInterpolationTests
{
    private const double Float32Noise = 1e-5;
    private static readonly WeightInterpolation s_line = new("x", [4]);
    private static readonly LabelledActivations s_rows = new(new Waves(), [0, 1, 2], [0, 1, 0], 1);

    [Fact]
    public void The_ends_are_the_two_networks_and_the_middle_has_the_mean_of_their_weights()
    {
        (OnnxModel probe, OnnxModel tuned) = (Net(1), Net(2));

        (OnnxModel half, _) = s_line.Interpolate(0.5, probe, tuned, (1, 1), s_rows, 8);

        AssertClose(Logits(probe), s_line.Interpolate(0, probe, tuned, (1, 1), s_rows, 8).Logits);
        AssertClose(Logits(tuned), s_line.Interpolate(1, probe, tuned, (1, 1), s_rows, 8).Logits);
        string[] weights = ["body.weight", "graft.head.0.weight"];
        Assert.All(weights, name =>
            AssertClose([.. Values(probe, name).Zip(Values(tuned, name), (a, b) => (a + b) / 2)], Values(half, name))
        );
        Assert.Equal(Values(Net(2), "body.weight"), Values(tuned, "body.weight"));
    }

    [Fact]
    public void Both_heads_are_calibrated_before_they_are_interpolated()
    {
        (OnnxModel probe, OnnxModel tuned) = (Net(1), Net(2));

        float[] logits = s_line.Interpolate(1, probe, tuned, (5, 2), s_rows, 8).Logits;

        AssertClose([.. Logits(tuned).Select(logit => logit / 2)], logits);
    }

    [Fact]
    public void A_run_reports_the_shares_it_tried_and_the_frozen_part_does_not_change()
    {
        using ToyWorld world = new();
        Events events = new();

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            world.Options with
            {
                FineTune = new()
                {
                    Train = ToyWorld.TrainedPart,
                    Epochs = 8,
                    BodyRate = 0.05,
                    Batch = 8,
                },
            },
            events,
            TestContext.Current.CancellationToken
        );

        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"))
        );
        JsonElement table = Assert.Single(json.RootElement.GetProperty("trials").EnumerateArray().ToArray(), Speaks);
        JsonElement[] tried = [.. table.GetProperty("tried").EnumerateArray()];
        Assert.Equal(1 + WeightInterpolation.Shares.Count, tried.Length);
        Assert.Single(tried, trial => trial.GetProperty("isChosen").GetBoolean());
        TrialsEnded said = Assert.Single(events.Seen.OfType<TrialsEnded>(), tried =>
            tried.Subject.StartsWith("how far", StringComparison.Ordinal)
        );
        Assert.Equal(
            tried.Select(trial => trial.GetProperty("loss").GetDouble()),
            said.Trials.Select(trial => trial.Loss)
        );
        Assert.Equal(Values(ToyWorld.Body(), "a.weight"), Values(OnnxModel.Load(result.ModelPath), "a.weight"));
    }

    private static bool Speaks(JsonElement table) =>
        table.GetProperty("subject").GetString()!.StartsWith("how far", StringComparison.Ordinal);

    [Fact]
    public void A_head_with_other_weights_than_the_probe_is_not_interpolated()
    {
        Assert.True(WeightInterpolation.IsPossible(new()));
        Assert.False(WeightInterpolation.IsPossible(new() { Hidden = [8] }));
        Assert.False(WeightInterpolation.IsPossible(new() { Start = HeadStart.Random }));
    }

    private static OnnxModel Net(int seed)
    {
        OnnxModel model = OnnxModel.Create("net");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [4]));
        model.Graph.Initializer.Add(
            TensorValues.FromSingles(
                "body.weight",
                [3, 4],
                [.. Enumerable.Range(0, 12).Select(i => MathF.Sin(seed * (i + 1)))]
            )
        );
        model.Graph.Initializer.Add(
            TensorValues.FromSingles(
                "graft.head.0.weight",
                [2, 3],
                [.. Enumerable.Range(0, 6).Select(i => MathF.Cos(seed * (i + 1)))]
            )
        );
        model.Graph.Initializer.Add(TensorValues.FromSingles("graft.head.0.bias", [2], [0.1f * seed, -0.2f * seed]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "x", "body.weight" },
                Output = { "h" },
            }.WithAttribute("transB", 1)
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "h", "graft.head.0.weight", "graft.head.0.bias" },
                Output = { "y" },
            }.WithAttribute("transB", 1)
        );
        model.Graph.Output.Add(EdgeDeclaration.Create("y", [2]));
        return model;
    }

    private static float[] Logits(OnnxModel model)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph graph = new(Subgraph.Tail(model, "x", [4]));
        return TailEvaluation.Logits(graph, s_rows, 8);
    }

    private static float[] Values(OnnxModel model, string name) =>
        TensorValues.ToSingles(model.Graph.Initializer.Single(weight => weight.Name == name));

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Float32Noise));

    private sealed class Waves : IActivationSource
    {
        public Tensor Load(ReadOnlySpan<int> rows) =>
            tensor([.. rows.ToArray().SelectMany(row => Enumerable.Range(0, 4).Select(i => MathF.Sin((3 * row) + i)))])
                .view(rows.Length, 4);
    }

    private sealed class Events : IProgress<TrainingEvent>
    {
        public List<TrainingEvent> Seen { get; } = [];

        public void Report(TrainingEvent value) => Seen.Add(value);
    }
}
