using Graft.Training.Tests;

namespace Graft.Cli.Tests;

[Collection("torch")]
public sealed class ConfigFileTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_file_gives_options_by_their_long_names_and_the_command_line_wins()
    {
        string config = Write(
            $"""
            # a run of the tests
            images: {_world.Images}
            body: {_world.BodyPath}
            views: 1
            seed: 5
            limit: [pixels=5000000, side=4000]
            validation-share: 0.3
            no-cache: true
            json: true
            pull: false
            weights:
            """
        );

        Outcome outcome = Cli.Run("probe", "--config", config, "--seed", "7", "--out", _world.Run("run"));

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.StartsWith("{", outcome.Output, StringComparison.Ordinal);
        string options = File.ReadAllText(Path.Combine(_world.Run("run"), "options.json"));
        Assert.All(
            (string[])
                ["\"seed\": 7", "\"views\": 1", "\"pixels\": 5000000", "\"side\": 4000", "\"validationShare\": 0.3"],
            part => Assert.Contains(part, options, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void All_that_is_wrong_in_the_file_and_on_the_command_line_is_said_at_once()
    {
        string config = Write("epoch: 3\nviews: 99\nbalance: weights\nseed: 1\nseed: 2\njson: maybe\ncolour: red\n");

        Outcome outcome = Cli.Run("train", "photos", "--config", config, "--test-share", "0.9");

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        string[] expected =
        [
            $"line 1 of '{config}': 'epoch' is no option of `graft train`: did you mean 'epochs'?",
            $"line 5 of '{config}': 'seed' is there twice; keep one",
            $"line 6 of '{config}': 'json' cannot be 'maybe': it is true or false",
            "'colour' is no option of `graft train`: the keys are the long options of `graft train` without "
                + "their dashes, and images",
            "'--views' cannot be 99: it must lie between 0 and 64",
            "'--test-share' cannot be 0.9: it must lie between 0.05 and 0.5",
        ];
        Assert.All(expected, problem => Assert.Contains(problem, outcome.ErrorLines[0], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("views: many", "'--views' cannot be 'many': it takes a whole number, or 'fresh'")]
    [InlineData("views: [1, 2]", "'--views' cannot be '1,2': it takes a whole number, or 'fresh'")]
    [InlineData("balance: heavy", "'--balance' cannot be 'heavy': it is one of none, weights, sampling")]
    [InlineData("", "`graft train` needs FOLDER")]
    [InlineData("# nothing\n", "`graft train` needs FOLDER")]
    public void A_value_that_does_not_fit_is_bad_usage(string text, string problem) =>
        Assert.Equal($"graft: {problem}", Cli.Run("train", "--config", Write(text)).ErrorLines[0]);

    [Theory]
    [InlineData("views: {a: 1}")]
    [InlineData("- views")]
    [InlineData("views")]
    [InlineData("a: &x [b]\nc: *x\n")]
    [InlineData("views: [[1]]")]
    [InlineData("\"")]
    [InlineData("views: 1\n--- \nviews: 2\n")]
    [InlineData("? [views]\n: 1")]
    public void What_is_no_flat_mapping_is_refused_in_one_line(string text)
    {
        string config = Write(text);
        Outcome outcome = Cli.Run("train", "photos", "--config", config);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.StartsWith(
            $"graft: '{config}' cannot be used: ",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_hundred_thousand_brackets_cost_nothing()
    {
        Outcome outcome = Cli.Run("train", "photos", "--config", Write("views: " + new string('[', 100_000)));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal(
            "graft: 'none.yaml' cannot be used: there is no such file; correct its name",
            Cli.Run("train", "photos", "--config", "none.yaml").ErrorLines[0]
        );

    [Fact]
    public void The_options_of_a_run_give_the_same_model_again_and_an_option_beside_them_another()
    {
        string first = _world.Run("first");
        Assert.Equal(
            ExitCode.Done,
            Cli.Run(
                "train",
                _world.Images,
                "--body",
                _world.BodyPath,
                "--views",
                "2",
                "--train",
                "0.6",
                "--epochs",
                "2",
                "--batch",
                "8",
                "--head",
                "8",
                "--balance",
                "sampling",
                "--out",
                first
            ).Code
        );

        Outcome again = Cli.Run("train", "--config", Path.Combine(first, "options.json"), "--out", _world.Run("again"));
        Outcome other = Cli.Run(
            "train",
            "--config",
            Path.Combine(first, "options.json"),
            "--seed",
            "2",
            "--out",
            _world.Run("other")
        );

        Assert.Equal((ExitCode.Done, ExitCode.Done), (again.Code, other.Code));
        byte[] model = File.ReadAllBytes(Path.Combine(first, "model.onnx"));
        Assert.Equal(model, File.ReadAllBytes(Path.Combine(_world.Run("again"), "model.onnx")));
        Assert.NotEqual(model, File.ReadAllBytes(Path.Combine(_world.Run("other"), "model.onnx")));
        Assert.Equal(
            File.ReadAllText(Path.Combine(first, "options.json")),
            File.ReadAllText(Path.Combine(_world.Run("again"), "options.json"))
        );
    }

    [Fact]
    public void Options_json_that_another_program_wrote_is_refused() =>
        Assert.Contains(
            "it is not what Graft writes as options.json",
            Cli.Run("train", "--config", Write("{\"options\": 3}")).ErrorLines[0],
            StringComparison.Ordinal
        );

    private string Write(string text) => _world.Write("settings.yaml", System.Text.Encoding.UTF8.GetBytes(text));
}
