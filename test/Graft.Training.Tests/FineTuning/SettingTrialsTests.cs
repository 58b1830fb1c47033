using System.Text.Json;
using Graft.Onnx;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class SettingTrialsTests
{
    // The choice depends on standard errors. In float32 it is the same on every processor.
    private static TrainingOptions Searching(ToyWorld world) =>
        world.Options with
        {
            Engine = Engine.OnnxRuntime,
            Views = 12,
            ValidationShare = 0.35,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 8,
                Batch = 8,
            },
        };

    [Fact]
    public void A_higher_rate_replaces_a_default_one_that_crawls_and_the_run_reports_it()
    {
        using ToyWorld world = new(body: Scaled(2));
        List<TrainingEvent> seen = [];

        Trainer.Train(
            world.Images,
            world.Run("run"),
            Searching(world),
            new Seen(seen),
            TestContext.Current.CancellationToken
        );

        Assert.Contains(seen.OfType<Notice>(), notice =>
            notice.Text.StartsWith(
                "Fine-tuning takes rate 0.03 from 'a' on (57 % of the cost) instead of rate 0.01",
                StringComparison.Ordinal
            )
        );
        string[] details =
        [
            .. seen.OfType<PhaseStarted>().Where(phase => phase.Phase == "fine-tune").Select(phase => phase.Detail),
        ];
        Assert.Contains("at a rate of 0.03,", details[0], StringComparison.Ordinal);
        Assert.All(details[1..], last => Assert.Contains("at a rate of 0.015,", last, StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_settings_leave_the_default_one_and_the_run_reports_the_trials()
    {
        using ToyWorld world = new(body: ToyWorld.DeepBody());
        List<TrainingEvent> seen = [];

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            Searching(world) with
            {
                FineTune = Searching(world).FineTune with { Train = null },
            },
            new Seen(seen),
            TestContext.Current.CancellationToken
        );

        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"))
        );
        JsonElement[] tried =
        [
            .. json
                .RootElement.GetProperty("trials")
                .EnumerateArray()
                .Single(table => table.GetProperty("subject").GetString() == "how deep and how fast")
                .GetProperty("tried")
                .EnumerateArray(),
        ];
        Assert.Contains(tried, trial =>
            trial.GetProperty("choice").GetString()!.Contains("from 'c'", StringComparison.Ordinal)
        );
        Assert.Equal(
            [true, .. Enumerable.Repeat(false, tried.Length - 1)],
            tried.Select(trial => trial.GetProperty("isChosen").GetBoolean())
        );
        Assert.Contains(
            "from 'b' on",
            seen.OfType<PhaseStarted>().Last(phase => phase.Phase == "fine-tune").Detail,
            StringComparison.Ordinal
        );
        Assert.InRange(seen.OfType<PhaseStarted>().Count(phase => phase.Phase == "search"), 3, 9);
    }

    [Fact]
    public void A_run_stopped_within_the_search_resumes_to_the_same_bytes()
    {
        using ToyWorld world = new(body: ToyWorld.DeepBody());
        TrainingOptions options = Searching(world) with { FineTune = Searching(world).FineTune with { Train = null } };
        using CancellationTokenSource cancel = new();
        List<TrainingEvent> seen = [];
        int searched = 0;

        Trainer.Train(world.Images, world.Run("run"), options, new Seen(seen, e =>
            {
                if (e is PhaseStarted { Phase: "search" } && ++searched == 3)
                {
                    cancel.Cancel();
                }
            }), cancel.Token);
        List<TrainingEvent> later = [];
        TrainingResult resumed = Trainer.Resume(
            world.Run("run"),
            progress: new Seen(later),
            cancel: TestContext.Current.CancellationToken
        );
        List<TrainingEvent> all = [];
        TrainingResult whole = Trainer.Train(
            world.Images,
            world.Run("whole"),
            options,
            new Seen(all),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(2, Searched(all) - Searched(later)); // the checkpoints keep two trials
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
    }

    private static int Searched(List<TrainingEvent> seen) =>
        seen.OfType<EpochEnded>().Count(epoch => epoch.Phase == "search");

    // The last map and all gradients are larger by this factor.
    private static OnnxModel Scaled(double gain)
    {
        OnnxModel body = ToyWorld.Body();
        TensorProto weight = body.Graph.Initializer.Single(tensor => tensor.Name == "b.weight");
        weight.RawData = TensorValues
            .FromSingles(
                weight.Name,
                [.. weight.Dims],
                Array.ConvertAll(TensorValues.ToSingles(weight), value => (float)(gain * value))
            )
            .RawData;
        return body;
    }

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
