using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

/// <summary>Real pretrained weights in a foreign file, from the import to a fine-tuned model.</summary>
[Collection("torch")]
public sealed class ResNet18FileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_file_is_cut_before_its_classifier_and_says_nothing_of_its_images()
    {
        string file = await ResNet18File.FindAsync(TestContext.Current.CancellationToken);

        TrainableBody body = TrainableBodyLoader.Load(new() { Body = file });
        BodyCuts cuts = BodyCatalog.Cuts(BodySource.OnnxFile(file));

        Assert.NotNull(body.OpenTransform);
        Assert.Equal([3L, 224, 224], body.InputShape);
        Assert.Equal(512, cuts.Cuts[^1].Shape[0]);
        Assert.InRange(cuts.Cuts.Sum(cut => cut.ParametersAfter), 1, long.MaxValue);
    }

    [Fact]
    public async Task A_probe_finds_and_records_how_its_images_were_prepared()
    {
        string file = await ResNet18File.FindAsync(TestContext.Current.CancellationToken);
        List<Notice> notices = [];

        TrainingResult result = Trainer.Probe(
            Images(),
            Path.Combine(_folder.Root, "run"),
            Options(file),
            TrainingProgress.Of(one => notices.AddRange(one is Notice notice ? [notice] : [])),
            TestContext.Current.CancellationToken
        );

        Assert.Contains(notices, one => one.Text.Contains("caffe is used", StringComparison.Ordinal));
        Assert.DoesNotContain(notices, one => one.Text.Contains("are assumed", StringComparison.Ordinal));
        TrialTable table = result.Evaluation.Trials.Single(one =>
            one.Subject.Contains("prepared", StringComparison.Ordinal)
        );
        Assert.Equal(["imagenet", "half", "caffe", "raw", "zero-to-one"], table.Trials.Select(trial => trial.Choice));
        Assert.Equal("caffe", table.Trials.Single(trial => trial.IsChosen).Choice);
    }

    [Fact]
    public async Task Its_last_layers_are_fine_tuned()
    {
        string file = await ResNet18File.FindAsync(TestContext.Current.CancellationToken);
        TrainingOptions options = Options(file) with
        {
            Body = BodySource.OnnxFile(file) with { InputTransform = "caffe" },
            Effort = Effort.Normal,
            Views = 0,
            FineTune = new() { Epochs = 1, Train = TrainedPart.LastShare(0.3) },
        };

        TrainingResult result = Trainer.Train(
            Images(),
            Path.Combine(_folder.Root, "run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Contains("fine-tune", result.Evaluation.Seconds.Keys);
        Assert.InRange(result.Evaluation.Accuracy, 0.5, 1);
    }

    private static TrainingOptions Options(string file) =>
        new()
        {
            Body = BodySource.OnnxFile(file),
            Effort = Effort.Quick,
            Threads = 1,
        };

    // Twelve images of each of three classes.
    private string Images()
    {
        string parts = Path.Combine(SharedData.Root, "samples", "parts");
        foreach (string name in (string[])["bolt", "gear", "nut"])
        {
            foreach (string path in Directory.EnumerateFiles(Path.Combine(parts, name)).Order().Take(12))
            {
                _folder.Write(Path.Combine("images", name, Path.GetFileName(path)), File.ReadAllBytes(path));
            }
        }

        return Path.Combine(_folder.Root, "images");
    }
}
