using System.Text.Json;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Verbs;

public sealed class DryRunTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3); // a few seconds alone

    private readonly TemporaryFolder _folder = new();
    private readonly ToyWorld _world = new(12);

    private string Cache => Path.Combine(_folder.Root, "cache");

    private string Runs => Path.Combine(_folder.Root, "runs");

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_dry_run_tells_counts_steps_and_time_and_leaves_nothing_behind()
    {
        string[] before = Files();

        Outcome outcome = await Train("--dry-run");

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("Images:   ", lines[0], StringComparison.Ordinal);
        Assert.Contains("rings 12", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("1. run the frozen layers on", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("Time:     about ", StringComparison.Ordinal));
        Assert.Contains($" train {_world.Images} --body", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("--dry-run", lines[^1], StringComparison.Ordinal);
        Assert.Equal(before, Files());
        Assert.False(Directory.Exists(Runs));
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task What_a_dry_run_tells_is_what_the_training_does()
    {
        using JsonDocument plan = JsonDocument.Parse((await Train("--dry-run", "--json")).Output);

        Outcome trained = await Train();

        using JsonDocument options = JsonDocument.Parse(File.ReadAllText(Path.Combine(Runs, "a", "options.json")));
        string[] split = File.ReadAllLines(Path.Combine(Runs, "a", "split.csv"));
        JsonElement images = plan.RootElement.GetProperty("images");
        Assert.Equal(ExitCode.Done, trained.Code);
        Assert.Equal(
            options.RootElement.GetProperty("options").GetProperty("views").GetInt32(),
            plan.RootElement.GetProperty("views").GetInt32()
        );
        Assert.Equal(
            options.RootElement.GetProperty("options").GetProperty("engine").GetString(),
            plan.RootElement.GetProperty("engine").GetString(),
            ignoreCase: true
        );
        Assert.Equal(Count("train"), images.GetProperty("train").GetInt32());
        Assert.Equal(Count("val"), images.GetProperty("validation").GetInt32());
        Assert.Equal(Count("test"), images.GetProperty("test").GetInt32());

        int Count(string part) => split.Count(line => line.Split(',').Contains(part));
    }

    [Fact]
    public async Task Several_seeds_take_as_many_times_longer_and_a_budget_is_the_longest()
    {
        double one = await Seconds("--budget", "1s");
        double three = await Seconds("--budget", "1s", "--seeds", "3");

        Assert.Equal((1, 3), (one, three));
    }

    [Fact]
    public async Task A_training_that_would_be_refused_is_refused_by_its_dry_run()
    {
        string options = _folder.Write("runs/a/options.json", "{}");

        Outcome outcome = await Train("--dry-run");

        Assert.Equal((ExitCode.BadInput, ""), (outcome.Code, outcome.Output));
        Assert.Equal(
            $"graft: '{Path.GetDirectoryName(options)}' cannot take a run: it holds one already; choose another folder "
                + "with --out",
            Assert.Single(outcome.ErrorLines)
        );
    }

    private async Task<double> Seconds(params string[] more)
    {
        using JsonDocument plan = JsonDocument.Parse((await Train([.. more, "--dry-run", "--json"])).Output);
        return plan.RootElement.GetProperty("seconds").GetDouble();
    }

    private string[] Files() =>
        [.. Directory.EnumerateFileSystemEntries(_world.Images, "*", SearchOption.AllDirectories).Order()];

    private Task<Outcome> Train(params string[] more) =>
        CliProcess.Run(
            AppContext.BaseDirectory,
            [
                "train",
                _world.Images,
                "--body",
                _world.BodyPath,
                "--train",
                "0.6",
                "--epochs",
                "2",
                "--threads",
                "1",
                "--out",
                Path.Combine(Runs, "a"),
                .. more,
            ],
            s_patience,
            environment: new() { ["GRAFT_CACHE"] = Cache }
        );
}
