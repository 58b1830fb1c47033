using System.IO.Compression;

namespace Graft.Cli.Tests.Verbs;

public sealed class ConvertVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_archive_becomes_folders_and_the_reading_is_said()
    {
        string zip = Zip(("photos/nut/1.png", 1), ("photos/bolt/2.png", 2), ("photos/notes.txt", 0));

        Outcome outcome = Cli.Run("data", "convert", zip, Path.Combine(folder.Root, "out"));

        Assert.True(outcome.Code == ExitCode.Done, outcome.Error);
        Assert.Contains("is read as a zip archive of class folders", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("2 images of 2 classes", outcome.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.Root, "out", "nut", "1.png")));
    }

    [Fact]
    public void The_layout_is_chosen_by_its_name()
    {
        string zip = Zip(("nut/1.png", 1), ("bolt/2.png", 2));

        Outcome outcome = Cli.Run("data", "convert", zip, Path.Combine(folder.Root, "out"), "--to", "csv");

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.StartsWith(
            "path,label,split,group\n",
            File.ReadAllText(Path.Combine(folder.Root, "out", "images.csv")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_hostile_archive_is_one_line()
    {
        string zip = Zip(("../nut/1.png", 1), ("bolt/2.png", 2));

        Outcome outcome = Cli.Run("data", "convert", zip, Path.Combine(folder.Root, "out"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("leads out of the archive", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Root, "out")));
    }

    [Fact]
    public void Data_alone_names_its_commands()
    {
        Outcome outcome = Cli.Run("data");

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Equal("graft: 'graft data' needs a command: convert", outcome.ErrorLines[0]);
    }

    private string Zip(params (string Name, byte Colour)[] files)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte colour) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(TinyClassifier.Png(colour, 2, 3));
            }
        }

        return folder.Write("a.zip", bytes.ToArray());
    }
}
