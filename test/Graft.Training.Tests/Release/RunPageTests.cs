using System.Globalization;
using System.Text.RegularExpressions;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed partial class RunPageTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public void Every_number_of_the_evaluation_is_on_the_page_and_every_number_is_that_of_the_file()
    {
        TrainingResult result = Train(_world.Options with { MaxError = 0.2 });

        PageNumbers page = PageNumbers.Of(result.RunFolder);

        Assert.Empty(page.Differences);
        Assert.Empty(page.Missing);
        Assert.True(page.Count > 100, $"{page.Count} numbers");
    }

    [Fact]
    public void Percentages_and_counts_are_those_of_the_whole_numbers_beside_them()
    {
        TrainingResult result = Train(_world.Options);

        string page = PageOf(result.RunFolder);
        Match[] shares = [.. PageNumbers.Number().Matches(page).Where(one => one.Groups[3].Value.EndsWith('%'))];
        Assert.NotEmpty(shares);
        Assert.All(shares, one =>
            Assert.Equal(
                double.Parse(one.Groups[1].Value, CultureInfo.InvariantCulture)
                    .ToString("0.0 %", CultureInfo.InvariantCulture),
                one.Groups[3].Value
            )
        );
    }

    [Fact]
    public void The_page_begins_with_the_answer_and_ends_with_how_to_use_the_model()
    {
        TrainingResult result = Train(_world.Options);

        string[] sections = [.. Section().Matches(PageOf(result.RunFolder)).Select(one => one.Groups[1].Value)];
        string[] all =
        [
            "samples",
            "classes",
            "mistakes",
            "heat",
            "confidence",
            "data",
            "curves",
            "trials",
            "frozen",
            "cost",
            "notices",
            "reproduce",
            "use",
        ];
        Assert.Equal(all.Intersect(sections), sections);
        Assert.Superset(
            new HashSet<string>(["samples", "classes", "heat", "confidence", "curves", "frozen", "use"]),
            new HashSet<string>(sections)
        );
    }

    [Fact]
    public void The_page_is_the_same_whenever_it_is_made_from_the_folder_and_names_no_place_of_the_machine()
    {
        TrainingResult result = Train(_world.Options);

        string first = PageOf(result.RunFolder);
        string again = RunReport.ToHtml(RunFolder.Open(result.RunFolder), TestContext.Current.CancellationToken);
        Assert.Equal(first, again);
        Assert.DoesNotContain(Path.GetDirectoryName(_world.Images)!, first, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_loads_nothing_and_runs_no_script()
    {
        TrainingResult result = Train(_world.Options);

        string page = PageOf(result.RunFolder);
        Assert.DoesNotMatch("(src|href)=\"(?!data:|#)", page);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_in_the_confusion_matrix_opens_its_pictures()
    {
        TrainingResult result = Train(_world.Options with { FineTune = new() { Epochs = 0 } });

        string page = PageOf(result.RunFolder);
        string[] opened = [.. Opened().Matches(page).Select(one => one.Groups[1].Value)];
        Assert.NotEmpty(opened);
        Assert.All(opened, id =>
            Assert.Contains($"<div class=\"gallery\" id=\"{id}\">", page, StringComparison.Ordinal)
        );
        int cells = result.Evaluation.Confusion.Sum(row => row.Count(count => count > 0));
        Assert.Equal(cells, opened.Length);
    }

    [Fact]
    public void A_hostile_class_name_remains_text()
    {
        string folder = Path.Combine(_world.Images, "<script>alert(1)<{{");
        Directory.Move(Path.Combine(_world.Images, "checks"), folder);

        TrainingResult result = Train(_world.Options with { FineTune = new() { Epochs = 0 } });

        string page = PageOf(result.RunFolder);
        Assert.Contains("&lt;script&gt;alert(1)&lt;{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_images_are_gone_has_a_page_without_pictures_that_says_so()
    {
        TrainingResult result = Train(_world.Options with { FineTune = new() { Epochs = 0 } });
        Directory.Delete(_world.Images, recursive: true);

        string page = RunReport.ToHtml(RunFolder.Open(result.RunFolder), TestContext.Current.CancellationToken);

        Assert.Contains("The images of this run were not found", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_frozen_weights_are_proven_unchanged_and_counted_with_the_trained_ones()
    {
        TrainingResult result = Train(_world.Options);

        FrozenWeights frozen = result.Evaluation.Frozen!;
        Assert.True(frozen.AreUnchanged);
        Assert.Equal(64, frozen.Sha256Before.Length);
        Assert.True(frozen.FrozenParameters > 0 && frozen.TrainedParameters > 0);
        Assert.Equal(frozen.Cut is null, result.Evaluation.Shipped == "probe");
    }

    public void Dispose() => _world.Dispose();

    private TrainingResult Train(TrainingOptions options) =>
        Trainer.Train(_world.Images, _world.Run("run"), options, cancel: TestContext.Current.CancellationToken);

    private static string PageOf(string run) => File.ReadAllText(Path.Combine(run, RunFolder.ReportName));

    [GeneratedRegex("<section id=\"([a-z]+)\"")]
    private static partial Regex Section();

    [GeneratedRegex("<a href=\"#(cell-[0-9]+-[0-9]+)\"")]
    private static partial Regex Opened();
}
