using Graft.Onnx;
using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class GradualUnfreezingTests : IDisposable
{
    private readonly ToyWorld _world = new(body: ToyWorld.DeepBody());

    private TrainingOptions Options =>
        _world.Options with
        {
            FineTune = new()
            {
                Epochs = 8,
                BodyRate = 0.01,
                Batch = 8,
                Unfreezing = Unfreezing.Progressive,
            },
        };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Each_step_trains_about_a_third_of_the_next_and_the_last_begins_at_the_cut()
    {
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(ToyWorld.DeepBody(), [3, 32, 32]);
        CutPoint cut = cuts.First(c => c.Edge == "b");

        Assert.Equal(["c", "b"], GradualUnfreezing.Steps(cuts, cut, Unfreezing.Progressive).Select(c => c.Edge));
        Assert.Equal([cut], GradualUnfreezing.Steps(cuts, cut, Unfreezing.Once));
    }

    [Theory]
    [InlineData(20, new[] { 10, 5, 5 })]
    [InlineData(4, new[] { 2, 1, 1 })]
    [InlineData(3, new[] { 1, 1, 1 })]
    [InlineData(1, new[] { 1 })] // only the last step
    public void The_steps_share_the_epochs(int epochs, int[] expected)
    {
        CutPoint[] steps = [.. CutPoints.Find(ToyWorld.DeepBody(), [3, 32, 32]).Take(3)];
        EpochLoopPlan plan = new()
        {
            Name = "fine-tune",
            Epochs = epochs,
            Optimizer = OptimizerKind.Sgd,
            HeadRate = 0.01,
            BodyRate = 0.01,
            Batch = 8,
            WeightDecay = 0,
            Seed = 1,
            Patience = 8,
        };

        EpochLoopPlan[] parts = [.. GradualUnfreezing.Divide(plan, steps)];

        Assert.Equal(expected, parts.Select(part => part.Epochs));
        Assert.Equal(steps.TakeLast(expected.Length), parts.Select(part => part.Cut));
        Assert.Equal((8, expected.Length == 1 ? 8 : 2), (parts[^1].Patience, parts[0].Patience));
    }

    [Fact]
    public void The_last_layers_learn_first_and_those_before_the_cut_do_not_change()
    {
        List<TrainingEvent> seen = [];

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            Options with
            {
                ValidationShare = 0.35,
            },
            new Seen(seen),
            TestContext.Current.CancellationToken
        );

        string[] phases =
        [
            .. seen.OfType<PhaseStarted>().Where(phase => phase.Phase == "fine-tune").Select(phase => phase.Detail),
        ];
        Assert.Contains("from 'c' on", phases[0], StringComparison.Ordinal);
        Assert.Contains("from 'b' on", phases[1], StringComparison.Ordinal);
        Assert.Contains(phases.Length, (int[])[2, 4]); // 4 with the last training, 2 where the probe is shipped
        Assert.InRange(seen.OfType<EpochEnded>().Count(epoch => epoch.Phase == "fine-tune"), 3, 16);
        OnnxModel shipped = OnnxModel.Load(result.ModelPath);
        Assert.All((string[])["a.weight", "b.weight"], name =>
            Assert.Equal(Values(ToyWorld.DeepBody(), name), Values(shipped, name))
        );
        Assert.InRange(result.Evaluation.Accuracy, 0.6, 1);
    }

    [Fact]
    public void A_run_stopped_in_its_second_step_resumes_to_the_same_bytes()
    {
        using CancellationTokenSource cancel = new();
        int steps = 0;
        TrainingOptions options = Options; // three-fold cross-validation

        Trainer.Train(_world.Images, _world.Run("run"), options, new Seen([], e =>
            {
                if (e is PhaseStarted { Phase: "fine-tune" } && ++steps == 2)
                {
                    cancel.Cancel();
                }
            }), cancel.Token);
        TrainingResult resumed = Trainer.Resume(_world.Run("run"), cancel: TestContext.Current.CancellationToken);
        TrainingResult whole = Trainer.Train(
            _world.Images,
            _world.Run("whole"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
    }

    private static float[] Values(OnnxModel model, string weight) =>
        TensorValues.ToSingles(model.Graph.Initializer.Single(tensor => tensor.Name == weight));

    private sealed class Seen(List<TrainingEvent> seen, Action<TrainingEvent>? also = null) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            lock (seen)
            {
                seen.Add(value);
            }

            also?.Invoke(value);
        }
    }
}
