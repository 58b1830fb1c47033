using System.Text.Json;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

public sealed class SeedsTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    private string Out => _world.Run("seeds");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Each_seed_has_a_run_and_their_mean_and_spread_are_reported()
    {
        Outcome outcome = Cli.Run(
            "probe",
            _world.Images,
            "--body",
            _world.BodyPath,
            "--views",
            "0",
            "--seed",
            "4",
            "--seeds",
            "3",
            "--out",
            Out
        );

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        double[] accuracies =
        [
            .. Enumerable.Range(4, 3).Select(seed => Evaluation($"seed-{seed}").GetProperty("accuracy").GetDouble()),
        ];
        JsonElement all = JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "seeds.json"))).RootElement;
        double mean = accuracies.Average();
        double spread = Math.Sqrt(accuracies.Sum(one => (one - mean) * (one - mean)) / 2);
        Assert.Equal(
            accuracies,
            all.GetProperty("seeds").EnumerateArray().Select(one => one.GetProperty("accuracy").GetDouble())
        );
        Assert.Equal(mean, all.GetProperty("accuracy").GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal(spread, all.GetProperty("accuracy").GetProperty("standardDeviation").GetDouble(), 1e-12);
        Assert.False(all.GetProperty("isOneTest").GetBoolean()); // a folder names no test images
        Assert.Contains(
            $"Accuracy: {mean:0.000} ± {spread:0.000} (3 of 3 seeds, each on test images of its own split",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Out, "seed-4", "model.onnx")),
            File.ReadAllBytes(Path.Combine(Out, "model.onnx"))
        );
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Out, "seed-4", "model.json")),
            File.ReadAllBytes(Path.Combine(Out, "model.json"))
        );
    }

    [Fact]
    public void Where_the_data_name_test_images_all_seeds_are_judged_by_them()
    {
        string csv =
            "path,label,split\n"
            + string.Concat(
                from label in (string[])["checks", "rings", "stripes"]
                from i in Enumerable.Range(0, 12)
                select $"images/{label}/{i:00}.png,{label},{(i < 4 ? "test" : "train")}\n"
            );

        Outcome outcome = Cli.Run(
            "probe",
            _world.Write("list.csv", System.Text.Encoding.UTF8.GetBytes(csv)),
            "--body",
            _world.BodyPath,
            "--views",
            "0",
            "--seeds",
            "2",
            "--out",
            Out,
            "--json"
        );

        JsonElement all = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(all.GetProperty("isOneTest").GetBoolean());
        Assert.Equal(
            [12, 12],
            all.GetProperty("seeds").EnumerateArray().Select(one => one.GetProperty("count").GetInt32())
        );
        Assert.Equal("seed-1/model.onnx", all.GetProperty("model").GetString());
    }

    [Fact]
    public void A_stopped_repetition_resumes_with_the_seeds_that_are_left()
    {
        string[] command =
        [
            "probe",
            _world.Images,
            "--body",
            _world.BodyPath,
            "--views",
            "0",
            "--seeds",
            "3",
            "--out",
            Out,
        ];
        Cli.Run(command);
        string seeds = File.ReadAllText(Path.Combine(Out, "seeds.json"));
        DateTime first = File.GetLastWriteTimeUtc(Path.Combine(Out, "seed-1", "model.onnx"));
        Directory.Delete(Path.Combine(Out, "seed-3"), recursive: true);
        File.Delete(Path.Combine(Out, "seed-2", "evaluation.json"));

        Outcome again = Cli.Run(command);
        Outcome resumed = Cli.Run("resume", Out);

        Assert.Equal(ExitCode.BadInput, again.Code);
        Assert.Contains($"go on with `graft resume {Out}`", again.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        Assert.Equal(seeds, File.ReadAllText(Path.Combine(Out, "seeds.json")));
        Assert.Equal(first, File.GetLastWriteTimeUtc(Path.Combine(Out, "seed-1", "model.onnx")));
        Assert.DoesNotContain("Seed 1:", resumed.Progress, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_that_has_not_begun_resumes_with_moved_images_and_refuses_others()
    {
        Cli.Run("probe", _world.Images, "--body", _world.BodyPath, "--views", "0", "--seeds", "2", "--out", Out);
        JsonElement before = Seeds();
        Directory.Delete(Path.Combine(Out, "seed-2"), recursive: true);
        string moved = _world.Run("moved");
        Directory.Move(_world.Images, moved);
        using ToyWorld other = new(12, seed: 2);

        Outcome refused = Cli.Run("resume", Out, "--images", other.Images);
        Outcome resumed = Cli.Run("resume", Out, "--images", moved);

        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains($"the images in '{other.Images}' are not those", refused.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        Assert.Equal(moved, Seeds().GetProperty("images").GetString());
        Assert.Equal(before.GetProperty("seeds").GetRawText(), Seeds().GetProperty("seeds").GetRawText());
    }

    [Fact]
    public void Data_that_cannot_be_used_leave_nothing_behind()
    {
        string empty = Directory.CreateDirectory(_world.Run("empty")).FullName;

        Outcome outcome = Cli.Run("probe", empty, "--seeds", "2", "--out", Out);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.False(Path.Exists(Out));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    public void Another_number_of_seeds_is_bad_usage(string count) =>
        Assert.Equal(
            $"graft: '--seeds' cannot be {count}: it must lie between 1 and 100",
            Cli.Run("train", "photos", "--seeds", count).ErrorLines[0]
        );

    private JsonElement Seeds() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "seeds.json"))).RootElement;

    private JsonElement Evaluation(string run) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, run, "evaluation.json"))).RootElement;
}
