namespace Graft.Cli.Tests.Verbs;

public sealed class TrainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "it has only one class")]
    [InlineData(0, "there are no images in it")]
    public void Data_that_cannot_be_used_are_one_line_and_leave_no_run_behind(int classes, string reason)
    {
        string images = Directory.CreateDirectory(Path.Combine(_folder.Root, "images")).FullName;
        for (int i = 0; i < classes * 4; i++)
        {
            _folder.Write($"images/red/{i}.png", TinyClassifier.Png((byte)(200 + i), 0, 0));
        }

        Outcome outcome = Cli.Run("train", images, "--out", Path.Combine(_folder.Root, "runs", "a"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.StartsWith(
            $"graft: '{images}' cannot be used: {reason}",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
        Assert.Equal([images], Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_folder_that_was_there_before_is_left_as_it_was()
    {
        string note = _folder.Write("runs/a/note.txt", "mine");
        string images = Directory.CreateDirectory(Path.Combine(_folder.Root, "images")).FullName;

        Outcome outcome = Cli.Run("train", images, "--out", Path.GetDirectoryName(note)!);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Equal("mine", File.ReadAllText(note));
    }
}
