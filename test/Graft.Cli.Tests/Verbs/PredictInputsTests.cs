using System.Diagnostics;
using System.Text.Json;

namespace Graft.Cli.Tests.Verbs;

public sealed class PredictInputsTests : IDisposable
{
    private static readonly byte[] s_red = TinyClassifier.Png(255, 0, 0);

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public PredictInputsTests() => _model = _folder.Write("model.onnx", TinyClassifier.Model());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_walked_as_training_walks_it()
    {
        string inbox = Inbox();

        Outcome outcome = Cli.Run("predict", _model, inbox, "--json");

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Equal(
            ["a.png", "deep/er/c.PNG", "deep/no-extension", "monday/b.ppm"],
            Paths(outcome).Select(path => Path.GetRelativePath(inbox, path).Replace('\\', '/'))
        );
        Assert.Equal(
            $"graft: '{inbox}': left out 2 other files (.txt 2), which Graft does not read as images",
            Assert.Single(outcome.ErrorLines)
        );
    }

    [Fact]
    public void Without_recursion_only_the_files_of_the_folder_are_used()
    {
        Outcome outcome = Cli.Run("predict", _model, Inbox(), "--json", "--no-recursive");

        Assert.Equal((ExitCode.Done, "a.png"), (outcome.Code, Path.GetFileName(Assert.Single(Paths(outcome)))));
    }

    [Fact]
    public void Both_ways_of_walking_are_bad_usage() =>
        Assert.Equal(
            ExitCode.BadUsage,
            Cli.Run("predict", _model, Inbox(), "--recursive", "--no-recursive").Code
        );

    [Theory]
    [InlineData("inbox/*.png", "a.png")]
    [InlineData("inbox/?.png", "a.png")]
    [InlineData("inbox/**/*.ppm", "b.ppm")]
    [InlineData("inbox/**", "a.png c.PNG no-extension b.ppm")]
    [InlineData("inbox/*/*", "no-extension b.ppm")]
    [InlineData("in*/mon*/*.p?m", "b.ppm")]
    public void A_pattern_is_expanded(string pattern, string expected)
    {
        _ = Inbox();

        Outcome outcome = Cli.Run("predict", _model, $"{_folder.Root}/{pattern}", "--json");

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Equal(expected.Split(' '), Paths(outcome).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("inbox/*.webp", "no image matches it")]
    [InlineData("nowhere/*.png", "no image matches it")]
    [InlineData("texts", "there are no images in it, but 1 other file (.txt 1)")]
    public void What_stands_for_no_image_is_one_line_and_exit_code_1(string word, string reason)
    {
        _ = Inbox();
        _ = _folder.Write("texts/readme.txt", "a text");

        Outcome outcome = Cli.Run("predict", _model, Path.Combine(_folder.Root, word));

        Assert.Equal((ExitCode.BadInput, ""), (outcome.Code, outcome.Output));
        Assert.Contains(reason, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_image_in_a_folder_is_named_and_the_others_are_classified()
    {
        string inbox = Inbox();
        _ = _folder.Write("inbox/deep/broken.jpg", "no image");

        Outcome outcome = Cli.Run("predict", _model, inbox, "--json");

        Assert.Equal((ExitCode.BadInput, 5), (outcome.Code, Paths(outcome).Length));
        Assert.Contains("broken.jpg' cannot be used: not an image", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ignore.txt", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_one_image()
    {
        Outcome red = WithInput(s_red, "-", "--json");
        Outcome nothing = WithInput([], "-", "--json");

        JsonElement image = JsonDocument.Parse(red.Output).RootElement[0];
        Assert.Equal(("-", "red"), (image.GetProperty("path").GetString(), image.GetProperty("label").GetString()));
        Assert.Equal(ExitCode.BadInput, nothing.Code);
        Assert.Contains("'-' cannot be used: 0 bytes long", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_named_once() =>
        Assert.Equal(ExitCode.BadUsage, WithInput(s_red, "-", "-").Code);

    [Fact]
    public async Task A_named_pipe_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no named pipes in folders");
        string pipe = Path.Combine(_folder.Root, "pipe");
        using (Process made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Task writing = Task.Run(() => File.WriteAllBytes(pipe, s_red), TestContext.Current.CancellationToken);

        Outcome outcome = Cli.Run("predict", _model, pipe, "--json");

        await writing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Equal("red", JsonDocument.Parse(outcome.Output).RootElement[0].GetProperty("label").GetString());
    }

    private Outcome WithInput(byte[] content, params string[] words) =>
        Cli.Run(
            ["predict", _model, .. words],
            Terminal.PipeWidth,
            content,
            TestContext.Current.CancellationToken
        );

    // Four images at three depths beside what training ignores.
    private string Inbox()
    {
        _ = _folder.Write("inbox/a.png", s_red);
        _ = _folder.Write("inbox/monday/b.ppm", [.. "P6 1 1 255\n"u8, 255, 0, 0]);
        _ = _folder.Write("inbox/deep/er/c.PNG", s_red);
        _ = _folder.Write("inbox/deep/no-extension", s_red);
        _ = _folder.Write("inbox/deep/left.png", s_red);
        _ = _folder.Write("inbox/ignore.txt", "left.png\n");
        _ = _folder.Write("inbox/Thumbs.db", "system");
        _ = _folder.Write("inbox/deep/desktop.ini", "system");
        _ = _folder.Write("inbox/.hidden/d.png", s_red);
        _ = _folder.Write("inbox/monday/notes.txt", "a text");
        _ = _folder.Write("inbox/monday/more.TXT", "a text");
        return Path.Combine(_folder.Root, "inbox");
    }

    private static string[] Paths(Outcome outcome) =>
        [
            .. JsonDocument
                .Parse(outcome.Output)
                .RootElement.EnumerateArray()
                .Select(image => image.GetProperty("path").GetString()!),
        ];
}
