using System.Text.Json;

namespace Graft.Cli.Tests.Verbs;

public sealed class EvaluateVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public EvaluateVerbTests() => _model = _folder.Write("model.onnx", TinyClassifier.Model());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Accuracy_classes_and_confusion_are_counted()
    {
        Fill("data");

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Contains(
            "Accuracy           0.833 (5 of 6; 95 % interval 0.436 to 0.970)",
            outcome.Output,
            StringComparison.Ordinal
        ); // Wilson, by hand
        Assert.Matches(@"\ngreen +2 +1\.000 +0\.500 +0\.667\n", outcome.Output);
        Assert.Matches(@"\ngreen +1 +1 +\.\n", outcome.Output); // red, green, blue
    }

    [Fact]
    public void Json_is_the_evaluation_and_nothing_else()
    {
        Fill("data");

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--json");

        JsonElement json = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal((6, 5), (json.GetProperty("count").GetInt32(), json.GetProperty("correct").GetInt32()));
        Assert.Equal(3, json.GetProperty("classes").GetArrayLength());
        Assert.Equal(1, json.GetProperty("confusion")[1][0].GetInt32());
        Assert.InRange(json.GetProperty("logLoss").GetDouble(), 0.01, 20);
        Assert.Equal(0, json.GetProperty("rejected").GetArrayLength());
    }

    [Theory]
    [InlineData("test")]
    [InlineData("val", "test")]
    [InlineData("wrapper/validation_set", "wrapper/Test Set")]
    public void A_folder_of_parts_without_train_is_measured_on_its_test_images(params string[] parts)
    {
        Array.ForEach(parts, part => Fill("data/" + part));

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));
        Outcome named = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--split", "test", "--json");

        Assert.Contains("5 of 6;", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(6, JsonDocument.Parse(named.Output).RootElement.GetProperty("count").GetInt32());
    }

    [Fact]
    public void A_class_that_is_spelt_otherwise_names_the_models()
    {
        Fill("data");
        Directory.Move(Path.Combine(_folder.Root, "data/red"), Path.Combine(_folder.Root, "data/Red"));

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));

        Assert.Contains("its class 'Red' is none of the model's", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'red'? rename it", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_test_part_is_looked_at_where_there_is_one()
    {
        Fill("data/train");
        Fill("data/test");
        _folder.Write("data/test/red/more.png", TinyClassifier.Png(250, 1, 1));

        Outcome test = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));
        Outcome all = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--split", "all");

        Assert.Contains("6 of 7;", test.Output, StringComparison.Ordinal);
        Assert.Contains("(the test images)", test.Output, StringComparison.Ordinal);
        Assert.Contains("11 of 13;", all.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runs_split_says_which_images_were_its_test_images()
    {
        Fill("data");
        string split = _folder.Write(
            "split.csv",
            "path,label,split\nred/a.png,red,train\nred/b.png,red,test\ngreen/a.png,green,val\n"
                + "green/b.png,green,test\nblue/a.png,blue,train\nblue/b.png,blue,test\n"
        );

        string beside = Path.Combine(Path.GetDirectoryName(split)!, "beside.onnx");
        File.Copy(_model, beside);
        Outcome all = Cli.Run("evaluate", beside, Path.Combine(_folder.Root, "data"));
        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--split-file", split);

        Assert.StartsWith(
            "graft: the model was trained on 3 of these 6 images, so it seems better than it is; --split-file ",
            all.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("(all images, 3 of which it was trained on)", all.Output, StringComparison.Ordinal);

        Assert.Contains("0.667 (2 of 3;", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_the_data_do_not_have_is_bad_input()
    {
        Fill("data");

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--split", "test");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("it has no test images", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_the_model_does_not_know_is_named()
    {
        Fill("data");
        _folder.Write("data/yellow/a.png", TinyClassifier.Png(255, 255, 0));

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains(
            "its class 'yellow' is none of the model's (red, green, blue)",
            outcome.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Unusable_images_are_named_and_more_than_the_limit_is_an_error()
    {
        Fill("data");
        byte[] png = TinyClassifier.Png(255, 0, 0);
        _folder.Write("data/red/torn.png", png[..(png.Length / 2)]);
        string data = Path.Combine(_folder.Root, "data");

        Outcome refused = Cli.Run("evaluate", _model, data);
        Outcome allowed = Cli.Run("evaluate", _model, data, "--rejected-limit", "0.2");

        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains("1 of 7 images are unusable, and 1% are the limit", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, allowed.Code);
        Assert.Contains("graft: 'red/torn.png' cannot be used: ", allowed.Error, StringComparison.Ordinal);
        Assert.Contains("5 of 6;", allowed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_a_threshold_tells_how_much_it_answers_and_how_wrongly()
    {
        Fill("data");
        // green/b and blue/b lie below
        string unsure = _folder.Write("unsure.onnx", TinyClassifier.Model(card => card with { UnsureBelow = 0.991 }));

        Outcome text = Cli.Run("evaluate", unsure, Path.Combine(_folder.Root, "data"), "--verbose");
        Outcome json = Cli.Run("evaluate", unsure, Path.Combine(_folder.Root, "data"), "--json");

        Assert.Contains(
            "\nSure               of 0.667 (4 of 6), from a confidence of 0.991 on; 0.000 of these are wrong (0)\n",
            text.Output,
            StringComparison.Ordinal
        );
        Assert.Matches(
            @"\nconfidence from +images +share +wrong +share wrong\n +0\.985 +6 +1\.000 +1 +0\.167\n",
            text.Output
        );
        JsonElement root = JsonDocument.Parse(json.Output).RootElement;
        JsonElement sure = root.GetProperty("sure");
        Assert.Equal(
            (0.991, 4, 0),
            (
                sure.GetProperty("threshold").GetDouble(),
                sure.GetProperty("answered").GetInt32(),
                sure.GetProperty("errors").GetInt32()
            )
        );
        Assert.Equal(
            [1.0, 5 / 6.0, 0.5],
            root.GetProperty("riskCoverage").EnumerateArray().Select(row => row.GetProperty("coverage").GetDouble())
        );
        Assert.Equal(
            [1 / 6.0, 1 / 5.0, 0],
            root.GetProperty("riskCoverage").EnumerateArray().Select(row => row.GetProperty("error").GetDouble())
        );
    }

    [Fact]
    public void A_model_without_a_threshold_says_nothing_of_one()
    {
        Fill("data");

        Outcome text = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"));
        Outcome json = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--json");

        Assert.DoesNotContain("Sure ", text.Output, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(json.Output).RootElement.TryGetProperty("sure", out _));
    }

    [Fact]
    public void Two_models_are_compared_image_by_image()
    {
        Fill("data");
        string other = Other(["green", "red", "blue"]); // takes red for green and green for red

        Outcome text = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--against", other);
        Outcome json = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--against", other, "--json");

        Assert.Contains("Accuracy           0.833 (5 of 6;", text.Output, StringComparison.Ordinal);
        Assert.Contains("\nIts accuracy       0.500 (3 of 6;", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"\nOnly one is right  '{_model}' on 3 images, '{other}' on 1\n",
            text.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\nVerdict            no difference is shown: equally good models differ as much by chance (p = "
                + "0.6250; McNemar's exact test, two-sided)\n",
            text.Output,
            StringComparison.Ordinal
        );
        JsonElement against = JsonDocument.Parse(json.Output).RootElement.GetProperty("against");
        Assert.Equal(
            (other, 3, 1, 0.625),
            (
                against.GetProperty("model").GetString(),
                against.GetProperty("onlyFirstCorrect").GetInt32(),
                against.GetProperty("onlyOtherCorrect").GetInt32(),
                Math.Round(against.GetProperty("pValue").GetDouble(), 9)
            )
        );
        Assert.Equal((6, 3), (against.GetProperty("count").GetInt32(), against.GetProperty("correct").GetInt32()));
    }

    [Fact]
    public void The_better_model_is_named_wherever_it_stands()
    {
        for (int i = 0; i < 6; i++)
        {
            _folder.Write($"data/red/{i}.png", TinyClassifier.Png((byte)(200 + i), 0, 0));
        }

        string other = Other(["green", "red", "blue"]);
        string data = Path.Combine(_folder.Root, "data");

        Assert.Contains(
            $"\nVerdict            '{_model}' is better (p = 0.0313;",
            Cli.Run("evaluate", _model, data, "--against", other).Output,
            StringComparison.Ordinal
        ); // 2 / 2^6
        Assert.Contains(
            $"\nVerdict            '{_model}' is better (p = 0.0313;",
            Cli.Run("evaluate", other, data, "--against", _model).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\nVerdict            both are right on exactly the same images (p = 1.0000;",
            Cli.Run("evaluate", _model, data, "--against", _model).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Models_of_other_classes_are_not_compared()
    {
        Fill("data");
        string other = Other(["red", "green", "yellow"]);

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--against", other);

        Assert.Equal((ExitCode.BadInput, ""), (outcome.Code, outcome.Output));
        Assert.Equal(
            $"graft: '{other}' cannot be compared: it has no class 'blue'; name a model of the same classes",
            Assert.Single(outcome.ErrorLines)
        );
    }

    [Fact]
    public void An_image_that_cannot_be_read_counts_for_neither_model()
    {
        Fill("data");
        byte[] png = TinyClassifier.Png(255, 0, 0);
        _folder.Write("data/red/torn.png", png[..(png.Length / 2)]);

        Outcome outcome = Cli.Run(
            "evaluate",
            _model,
            Path.Combine(_folder.Root, "data"),
            "--against",
            Other(["green", "red", "blue"]),
            "--rejected-limit",
            "0.2"
        );

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.StartsWith(
            "graft: 'red/torn.png' cannot be used: ",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
        Assert.Contains("(5 of 6;", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("(3 of 6;", outcome.Output, StringComparison.Ordinal);
    }

    private string Other(string[] labels) =>
        _folder.Write("other.onnx", TinyClassifier.Model(card => card with { Labels = labels }));

    // Six images, one of them (green/b) not green but red.
    private void Fill(string folder)
    {
        _folder.Write($"{folder}/red/a.png", TinyClassifier.Png(255, 0, 0));
        _folder.Write($"{folder}/red/b.png", TinyClassifier.Png(200, 30, 20));
        _folder.Write($"{folder}/green/a.png", TinyClassifier.Png(10, 220, 0));
        _folder.Write($"{folder}/green/b.png", TinyClassifier.Png(240, 90, 0));
        _folder.Write($"{folder}/blue/a.png", TinyClassifier.Png(0, 0, 255));
        _folder.Write($"{folder}/blue/b.png", TinyClassifier.Png(40, 50, 200));
    }
}
