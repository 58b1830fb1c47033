namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class LabelPageTests : IDisposable
{
    private readonly ToyLabels _toy = new();

    [Fact]
    public void The_report_of_several_labels_has_every_number_of_its_evaluation()
    {
        TrainingResult result = Trainer.Train(
            _toy.Set,
            _toy.Run("run"),
            _toy.Quick,
            cancel: TestContext.Current.CancellationToken
        );

        PageNumbers page = PageNumbers.Of(result.RunFolder);
        Assert.Empty(page.Differences);
        // the exact match says the same as the accuracy, and the temperature is always 1
        Assert.Equal(["accuracy", "temperature"], page.Missing);
        string html = File.ReadAllText(Path.Combine(result.RunFolder, RunFolder.ReportName));
        Assert.Contains("mean average precision on", html, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"classes-title\">Labels</h2>", html, StringComparison.Ordinal);
    }

    public void Dispose() => _toy.Dispose();
}
