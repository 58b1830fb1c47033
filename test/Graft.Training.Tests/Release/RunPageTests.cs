using System.Text.Json;
using System.Text.RegularExpressions;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed partial class RunPageTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public void The_report_shows_accuracy_reason_trials_curves_and_mistakes_and_loads_nothing()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        string page = File.ReadAllText(Path.Combine(result.RunFolder, "report.html"));
        using JsonDocument evaluation = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"))
        );
        Assert.Contains(
            FormattableString.Invariant($"{result.Evaluation.Accuracy:0.0 %}"),
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(System.Net.WebUtility.HtmlEncode(result.Evaluation.Reason), page, StringComparison.Ordinal);
        foreach (
            JsonElement tried in evaluation
                .RootElement.GetProperty("trials")
                .EnumerateArray()
                .SelectMany(table => table.GetProperty("tried").EnumerateArray())
        )
        {
            Assert.Contains($"<td>{tried.GetProperty("choice").GetString()}", page, StringComparison.Ordinal);
        }

        Assert.Contains("<polyline", page, StringComparison.Ordinal);
        int mistakes = result.Evaluation.Count - result.Evaluation.Correct;
        Assert.Equal(mistakes, Mistake().Count(page));
        Assert.DoesNotMatch("(src|href)=\"?(?!data:)", page);
    }

    [Fact]
    public void A_hostile_class_name_remains_text()
    {
        string folder = Path.Combine(_world.Images, "<script>alert(1)<");
        Directory.Move(Path.Combine(_world.Images, "checks"), folder);

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                FineTune = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

        string page = File.ReadAllText(Path.Combine(result.RunFolder, "report.html"));
        Assert.Contains("&lt;script&gt;alert(1)&lt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    [GeneratedRegex("<b>[a-z]+, mistaken for [a-z]+</b>")]
    private static partial Regex Mistake();
}
