using Graft.Imaging;

namespace Graft.Training.Tests.Doctor;

public sealed class IgnoreFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a/b.jpg")]
    [InlineData("#a.jpg")]
    [InlineData(" a/ b .jpg ")]
    [InlineData("a\nb.jpg")]
    [InlineData("a\\b.jpg")]
    [InlineData("ä/(b)[1].jpg")]
    public void An_entry_matches_only_its_own_file_under_any_name(string path)
    {
        _folder.Write(IgnoreList.FileName, IgnoreFile.Entry(path) + "\n");

        IgnoreList list = IgnoreList.Read(_folder.Root);

        Assert.True(list.Contains(path));
        Assert.False(list.Contains("other/" + path.Trim('/')));
        Assert.False(list.Contains("a/c.jpg"));
    }

    [Fact]
    public void A_list_in_another_encoding_becomes_UTF8()
    {
        string path = _folder.Write(IgnoreList.FileName, [.. "Gr"u8, 0xFC, .. "n/\n"u8]);
        DataReport report = new()
        {
            ImageCount = 1,
            UsableCount = 0,
            Classes = [],
            HashThreshold = 0.05,
            Findings = [new(FindingKind.Empty, Severity.LeftOut, "a/0.jpg", "0 bytes long")],
        };
        Dictionary<string, ImagePart?> parts = [];

        Assert.Throws<GraftException>(() => IgnoreFile.Write(_folder.Root, report, parts));
        IgnoreFile.Write(_folder.Root, report, parts, "windows-1252");

        Assert.Equal(["Gr\u00FCn/", "/a/0.jpg"], File.ReadAllLines(path));
        Assert.True(IgnoreList.Read(_folder.Root, "windows-1252").Contains("Gr\u00FCn/1.jpg"));
    }

    [Fact]
    public void Unusable_and_leaking_images_become_entries_and_doubtful_ones_comments()
    {
        _folder.Write(IgnoreList.FileName, "# mine\nold.jpg");
        DataReport report = new()
        {
            ImageCount = 10,
            UsableCount = 8,
            Classes = [],
            HashThreshold = 0.05,
            Findings =
            [
                new(FindingKind.Empty, Severity.LeftOut, "train/a/0.jpg", "0 bytes long"),
                new(FindingKind.NearDuplicate, Severity.Warning, "test/a/1.jpg", "the same")
                {
                    Other = "train/a/1.jpg",
                    Scope = PairScope.AcrossParts,
                },
                new(FindingKind.Copy, Severity.Note, "train/a/2.jpg", "the same")
                {
                    Other = "train/a/3.jpg",
                    Scope = PairScope.WithinClass,
                },
                new(FindingKind.WrongLabel, Severity.Warning, "train/a/4.jpg", "looks like b"),
                new(FindingKind.Rotated, Severity.Note, "train/a/5.jpg", "turned"),
            ],
        };
        Dictionary<string, ImagePart?> parts = new()
        {
            ["test/a/1.jpg"] = ImagePart.Test,
            ["train/a/1.jpg"] = ImagePart.Train,
        };

        (string path, int added) = IgnoreFile.Write(_folder.Root, report, parts);
        (_, int again) = IgnoreFile.Write(_folder.Root, report, parts);

        string[] expected =
        [
            "# mine",
            "old.jpg",
            "/train/a/0.jpg",
            "/train/a/1.jpg",
            "# /train/a/2.jpg   copy: the same",
            "# /train/a/4.jpg   wrong label: looks like b",
        ];
        Assert.Equal(expected, File.ReadAllLines(path));
        Assert.Equal((2, 0), (added, again));
    }
}
