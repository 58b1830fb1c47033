using System.Text.Json;
using Graft.Onnx;
using Graft.Training.Phases;
using Graft.Training.Runs;

namespace Graft.Training.Tests.Phases;

[Collection("torch")]
public sealed class SettingTrialsTests
{
    private static TrainingOptions Searching(ToyWorld world) => world.Options with { Views = 12, ValidationShare = 0.35, FineTune = new() { Epochs = 8, Batch = 8 } };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(11)]
    [InlineData(16)]
    [InlineData(22)]
    [InlineData(32)]
    [InlineData(0.3)]
    [InlineData(0.1)]
    public void Scan(double gain)
    {
        using ToyWorld world = new(body: Scaled(gain));
        List<TrainingEvent> seen = [];
        TrainingResult r = Trainer.Train(world.Images, world.Run("run"), Searching(world), new Seen(seen), TestContext.Current.CancellationToken);
        File.AppendAllText("/tmp/depth/scan.txt", $"{gain}: probe {r.ProbeAccuracy} shipped {r.Evaluation.Accuracy}\n" + string.Concat(seen.OfType<TrialsEnded>().Where(t => t.Subject.StartsWith("how deep")).SelectMany(t => t.Trials).Select(t => $"   {t}\n")) + string.Concat(seen.OfType<Notice>().Select(n => $"   {n.Text}\n")));
    }

    [Fact]
    public void Equal_settings_leave_the_usual_one_and_the_run_says_what_it_tried()
    {
        using ToyWorld world = new(body: ToyWorld.DeepBody());
        List<TrainingEvent> seen = [];

        TrainingResult result = Trainer.Train(world.Images, world.Run("run"), Searching(world) with { Train = null }, new Seen(seen), TestContext.Current.CancellationToken);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")));
        JsonElement[] tried = [.. json.RootElement.GetProperty("trials").EnumerateArray().Single(table => table.GetProperty("subject").GetString() == "how deep and how fast").GetProperty("tried").EnumerateArray()];
        Assert.Contains(tried, trial => trial.GetProperty("choice").GetString()!.Contains("from 'c'", StringComparison.Ordinal));
        Assert.Equal([true, .. Enumerable.Repeat(false, tried.Length - 1)], tried.Select(trial => trial.GetProperty("isChosen").GetBoolean()));
        Assert.Contains("from 'b' on", seen.OfType<PhaseStarted>().Last(phase => phase.Phase == "fine-tune").Detail, StringComparison.Ordinal);
        Assert.InRange(seen.OfType<PhaseStarted>().Count(phase => phase.Phase == "search"), 3, 9);
    }

    [Fact]
    public void Stopped_within_the_search_a_run_goes_on_to_the_same_bytes()
    {
        using ToyWorld world = new(body: ToyWorld.DeepBody());
        TrainingOptions options = Searching(world) with { Train = null };
        using CancellationTokenSource cancel = new();
        List<TrainingEvent> seen = [];
        int searched = 0;

        Trainer.Train(world.Images, world.Run("run"), options, new Seen(seen, e => { if (e is PhaseStarted { Phase: "search" } && ++searched == 3) { cancel.Cancel(); } }), cancel.Token);
        List<TrainingEvent> later = [];
        TrainingResult resumed = Trainer.Resume(world.Run("run"), new Seen(later), cancel: TestContext.Current.CancellationToken);
        TrainingResult whole = Trainer.Train(world.Images, world.Run("whole"), options, cancel: TestContext.Current.CancellationToken);

        Assert.Equal(2, later.OfType<PhaseStarted>().Count(phase => phase.Phase == "search") - later.OfType<EpochEnded>().Count(epoch => epoch.Phase == "search"));   // kept, not trained again
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
    }

    // The last map is this many times larger, and every gradient with it.
    private static OnnxModel Scaled(double gain)
    {
        OnnxModel body = ToyWorld.Body();
        TensorProto weight = body.Graph.Initializer.Single(tensor => tensor.Name == "b.weight");
        weight.RawData = TensorData.Singles(weight.Name, [.. weight.Dims], Array.ConvertAll(TensorData.ToSingles(weight), value => (float)(gain * value))).RawData;
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
