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
        Assert.Contains("Accuracy           0.833 (5 of 6; 95 % interval 0.436 to 0.970)", outcome.Output, StringComparison.Ordinal);   // Wilson, by hand
        Assert.Matches(@"\ngreen +2 +1\.000 +0\.500 +0\.667\n", outcome.Output);
        Assert.Matches(@"\ngreen +1 +1 +\.\n", outcome.Output);   // red, green, blue
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
        string split = _folder.Write("split.csv", "path,label,split\nred/a.png,red,train\nred/b.png,red,test\ngreen/a.png,green,val\ngreen/b.png,green,test\nblue/a.png,blue,train\nblue/b.png,blue,test\n");

        Outcome outcome = Cli.Run("evaluate", _model, Path.Combine(_folder.Root, "data"), "--split-file", split);

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
        Assert.Contains("its class 'yellow' is none of the model's (red, green, blue)", outcome.Error, StringComparison.Ordinal);
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
