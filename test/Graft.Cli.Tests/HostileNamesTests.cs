using System.Text.Json.Nodes;

namespace Graft.Cli.Tests;

/// <summary>
/// Names that would draw on the terminal, begin a line of their own or turn the writing round: no verb prints them raw.
/// </summary>
[Collection(nameof(UserFolder))]
public sealed class HostileNamesTests(UserFolder user)
{
    private const string Name = "x\u001b[31m\nroot# \u202egpj.png";
    private const string Escaped = "x\\u001b[31m\\u000aroot# \\u202egpj.png";

    [Theory]
    [InlineData("doctor")]
    [InlineData("predict")]
    [InlineData("evaluate")]
    [InlineData("probe")]
    public void No_verb_prints_a_name_raw(string verb)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names");
        string model = user.Folder.Write("hostile/model.onnx", TinyClassifier.Model());
        for (byte i = 0; i < 8; i++)
        {
            user.Folder.Write($"hostile/{verb}/red/{i}.png", TinyClassifier.Png(255, (byte)(i * 9), 0));
            user.Folder.Write($"hostile/{verb}/blue/{i}.png", TinyClassifier.Png(0, (byte)(i * 9), 255));
        }

        string good = user.Folder.Write($"hostile/{verb}/blue/{Name}", TinyClassifier.Png(200, 100, 20));
        string bad = user.Folder.Write($"hostile/{verb}/red/{Name}", "no image");
        string folder = Path.Combine(user.Folder.Root, "hostile", verb);
        string[] args = verb switch
        {
            "predict" => [verb, model, good, bad],
            "evaluate" => [verb, model, folder, "--rejected-limit", "1"],
            "probe" =>
            [
                verb,
                folder,
                "--rejected-limit",
                "1",
                "--views",
                "0",
                "--out",
                Path.Combine(folder, "..", "run"),
                "--no-cache",
            ],
            _ => [verb, folder, "--report", Path.Combine(folder, "..", "page.html")],
        };

        Outcome outcome = Cli.Run(args);

        string all = outcome.Output + outcome.Progress + outcome.Error;
        Assert.DoesNotContain('\u001b', all);
        Assert.DoesNotContain('\u202e', all);
        Assert.DoesNotContain("\nroot#", all, StringComparison.Ordinal);
        Assert.Contains(
            Escaped,
            all.Replace("\n", "", StringComparison.Ordinal).Replace("  ", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        string page = Path.Combine(folder, "..", "page.html");
        Assert.False(File.Exists(page) && File.ReadAllText(page).Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public void Json_gives_a_name_back_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names");
        string model = user.Folder.Write("hostile/model.onnx", TinyClassifier.Model());
        string path = user.Folder.Write($"hostile/json/{Name}", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = Cli.Run("predict", model, path, "--json");

        Assert.DoesNotContain('\u001b', outcome.Output);
        Assert.Equal(path, (string)JsonNode.Parse(outcome.Output)![0]!["path"]!);
    }
}
