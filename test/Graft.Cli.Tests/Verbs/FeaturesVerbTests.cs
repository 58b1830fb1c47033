using System.Text.Json;
using Graft.Training;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Verbs;

public sealed class FeaturesVerbTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("features.parquet")]
    [InlineData("features.safetensors")]
    public void Features_and_labels_of_a_folder_become_a_file(string name)
    {
        string file = _world.Run(name);

        Outcome outcome = Run(file, "--json");

        Assert.Equal(ExitCode.Done, outcome.Code);
        JsonElement said = JsonDocument.Parse(outcome.Output).RootElement;
        FeatureTable table = FeatureTable.Load(file);
        Assert.Equal(36, table.Count);
        Assert.Equal(["checks", "rings", "stripes"], table.Classes);
        Assert.Equal(table.Count, said.GetProperty("images").GetInt32());
        Assert.Equal(table.FeatureCount, said.GetProperty("features").GetInt32());
        Assert.Equal(file, said.GetProperty("file").GetString());
    }

    [Fact]
    public void The_result_is_one_line()
    {
        string file = _world.Run("f.parquet");

        Assert.Equal($"16 features of 36 images are in '{file}'.\n", Run(file).Output);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_before_any_work()
    {
        Outcome outcome = Run("features.csv");

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains("must end with .parquet or .safetensors", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        Outcome outcome = Run(Path.Combine(_world.Images, "no", "such", "f.parquet"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("name another file with --out", outcome.Error, StringComparison.Ordinal);
    }

    private Outcome Run(string file, params string[] more) =>
        Cli.Run(
            ["features", _world.Images, "--body", _world.BodyPath, "--out", file, "--input-recipe", "imagenet", .. more]
        );
}
