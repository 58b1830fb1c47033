using System.Text.Json.Nodes;

namespace Graft.Training.Tests;

/// <summary>The loss where images may have several labels, as an option and as validation's choice.</summary>
[Collection("torch")]
public sealed class LabelLossTests : IDisposable
{
    private readonly ToyLabels _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void The_asymmetric_loss_trains_another_network() =>
        Assert.NotEqual(Losses(Train(LabelLoss.CrossEntropy)), Losses(Train(LabelLoss.Asymmetric)));

    [Fact]
    public void Validation_chooses_the_loss_and_the_training_takes_it()
    {
        TrainingResult result = Train(LabelLoss.Auto);

        TrialTable table = result.Evaluation.Trials.Single(one => one.Subject.EndsWith("by which loss"));
        Trial chosen = table.Trials.Single(trial => trial.IsChosen);
        Assert.Contains(table.Trials, trial => trial.Choice.Contains("by the asymmetric loss"));
        Assert.Contains(table.Trials, trial => !trial.Choice.Contains("by the asymmetric loss"));
        LabelLoss loss = chosen.Choice.Contains("asymmetric") ? LabelLoss.Asymmetric : LabelLoss.CrossEntropy;
        Assert.Equal(Losses(Train(loss)), Losses(result));
    }

    [Fact]
    public void Single_labels_have_no_loss_to_try()
    {
        using ToyWorld world = new();

        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            Trainer.Train(
                world.Images,
                world.Run("run"),
                Options(LabelLoss.Auto),
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Equal("FineTune.Loss", error.Option);
    }

    private TrainingOptions Options(LabelLoss loss) =>
        _toy.Options with
        {
            Threads = 1,
            Engine = Engine.OnnxRuntime,
            FineTune = _toy.Options.FineTune with { Loss = loss },
        };

    private TrainingResult Train(LabelLoss loss) =>
        Trainer.Train(_toy.Set, _toy.Run($"{loss}"), Options(loss), cancel: TestContext.Current.CancellationToken);

    private static double[] Losses(TrainingResult result) =>
        [
            .. File.ReadLines(Path.Combine(result.RunFolder, "log.jsonl"))
                .Select(line => JsonNode.Parse(line)!)
                .Where(line => (string?)line["phase"] == "fine-tune" && line["trainLoss"] is not null)
                .Select(line => (double)line["trainLoss"]!),
        ];
}
