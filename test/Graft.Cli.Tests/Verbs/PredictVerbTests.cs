using System.Text.Json;

namespace Graft.Cli.Tests.Verbs;

public sealed class PredictVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public PredictVerbTests() => _model = _folder.Write("model.onnx", TinyClassifier.Model());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_image_is_a_line_with_its_label()
    {
        string red = _folder.Write("a b.png", TinyClassifier.Png(255, 0, 0));
        string blue = _folder.Write("Blüte.png", TinyClassifier.Png(0, 0, 255));

        Outcome outcome = Cli.Run("predict", _model, red, blue, "--top", "2");

        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"^image +label +probability +then$", lines[0]);
        Assert.Matches(@"a b\.png +red +0\.999 +green 0\.000$", lines[1]);
        Assert.Matches(@"Blüte\.png +blue +0\.999 +red 0\.000$", lines[2]);
    }

    [Theory]
    [InlineData("model-bytes=100", "more than the limit of 100")]
    [InlineData("model-nodes=5", "6 nodes, more than the limit of 5")]
    public void A_model_over_a_limit_is_bad_input_on_one_line(string limit, string reason)
    {
        string red = _folder.Write("data/a/red.png", TinyClassifier.Png(255, 0, 0));

        Outcome predicted = Cli.Run("predict", _model, red, "--limit", limit);
        Outcome evaluated = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--limit", limit);

        Assert.All([predicted, evaluated], outcome =>
        {
            Assert.Equal(ExitCode.BadInput, outcome.Code);
            Assert.Contains(reason, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_folder_of_a_run_stands_for_its_model()
    {
        string red = _folder.Write("data/red/a.png", TinyClassifier.Png(255, 0, 0));
        string data = Path.Combine(_folder.Root, "data");

        Outcome predicted = Cli.Run("predict", _folder.Root, red);
        Outcome evaluated = Cli.Run("evaluate", _folder.Root, data, "--against", _folder.Root);
        Outcome cut = Cli.Run("cuts", _folder.Root);

        Assert.Matches("a.png +red ", predicted.Output);
        Assert.All([predicted, evaluated], one => Assert.Equal((ExitCode.Done, ""), (one.Code, one.Error)));
        Assert.DoesNotContain("it is a folder", cut.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_model_yet_is_named_with_the_way_to_it()
    {
        string red = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));
        _folder.Write("run/options.json", "{}");
        string run = Path.Combine(_folder.Root, "run");

        Outcome outcome = Cli.Run("predict", run, red);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.EndsWith(
            $"its run has no model yet; go on with `graft resume {run}`",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Json_is_one_document_with_every_image_in_order()
    {
        string green = _folder.Write("1/g.png", TinyClassifier.Png(0, 255, 0));
        string broken = _folder.Write("1/h.png", "no image");

        Outcome outcome = Cli.Run("predict", _model, Path.GetDirectoryName(green)!, "--json");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        JsonElement[] images = [.. JsonDocument.Parse(outcome.Output).RootElement.EnumerateArray()];
        Assert.Equal([green, broken], images.Select(image => image.GetProperty("path").GetString()!));
        Assert.Equal("green", images[0].GetProperty("label").GetString());
        Assert.Equal(
            images[0].GetProperty("probability").GetDouble(),
            images[0].GetProperty("scores")[0].GetProperty("probability").GetDouble()
        );
        Assert.Equal(3, images[0].GetProperty("scores").GetArrayLength());
        Assert.NotEmpty(images[1].GetProperty("error").GetString()!);
        Assert.StartsWith(
            $"graft: '{broken}' cannot be used: ",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Below_the_models_threshold_an_answer_is_unsure()
    {
        string model = _folder.Write("unsure.onnx", TinyClassifier.Model(card => card with { UnsureBelow = 0.9 }));
        string grey = _folder.Write("grey.png", TinyClassifier.Png(110, 100, 100));
        string red = _folder.Write("red.png", TinyClassifier.Png(255, 0, 0));

        Outcome text = Cli.Run("predict", model, grey, red);
        Outcome json = Cli.Run("predict", model, grey, red, "--json");

        Assert.Matches(@"\n\S*grey\.png +red \(unsure\) +0\.\d+ ", text.Output);
        Assert.Matches(@"\n\S*red\.png +red +0\.999 ", text.Output);
        Assert.Equal(
            [false, true],
            JsonDocument
                .Parse(json.Output)
                .RootElement.EnumerateArray()
                .Select(image => image.GetProperty("sure").GetBoolean())
        );
        Assert.True(
            JsonDocument
                .Parse(Cli.Run("predict", _model, grey, "--json").Output)
                .RootElement[0]
                .GetProperty("sure")
                .GetBoolean()
        ); // no threshold, no doubt
    }

    [Fact]
    public void A_name_with_escape_sequences_is_printed_without_them()
    {
        string evil = _folder.Write("x\u001b]0;owned\u0007\u202e.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = Cli.Run("predict", _model, evil);

        Assert.Contains("x\\u001b]0;owned\\u0007\\u202e.png", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    [Theory]
    [InlineData("@at.png")]
    [InlineData("[brackets].png")]
    [InlineData("--dash.png")]
    public void Names_that_look_like_syntax_are_names(string name)
    {
        string path = _folder.Write(name, TinyClassifier.Png(255, 0, 0));
        string current = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _folder.Root;
            Outcome outcome = Cli.Run([
                "predict",
                _model,
                .. name.StartsWith('-') ? ["--"] : Array.Empty<string>(),
                Path.GetFileName(path),
            ]);

            Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
            Assert.Contains(name, outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            Environment.CurrentDirectory = current;
        }
    }

    [Theory]
    [InlineData("no model", "not an ONNX file")]
    [InlineData("", "0 bytes long")]
    public void A_file_that_is_no_model_is_one_line_and_exit_code_1(string content, string reason)
    {
        string model = _folder.Write("bad.onnx", content);

        Outcome outcome = Cli.Run("predict", model, "a.png");

        Assert.Equal((ExitCode.BadInput, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith(
            $"graft: '{model}' cannot be used: ",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_prediction_ends_with_130()
    {
        string red = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = Cli.Run(["predict", _model, red], Terminal.PipeWidth, new CancellationToken(canceled: true));

        Assert.Equal((ExitCode.Cancelled, "graft: cancelled\n"), (outcome.Code, outcome.Error));
    }
}
