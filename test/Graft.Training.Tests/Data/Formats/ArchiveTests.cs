using System.Formats.Tar;
using System.IO.Compression;
using Graft.Imaging;
using Graft.Training.Data;

namespace Graft.Training.Tests.Data;

/// <summary>Archives of class folders, and archives that must be refused.</summary>
public sealed class ArchiveTests : IDisposable
{
    private static readonly string[] Expected =
    [
        "roses/1.png = roses",
        "roses/2.png = roses",
        "tulips/3.png = tulips",
        "tulips/4.png = tulips",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_zip_archive_reads_as_its_folders_do()
    {
        foreach ((string name, byte[] content) in SampleImages.ClassFolders)
        {
            _ = folder.Write($"plain/{name}", content);
        }

        ImageSet plain = SampleImages.Load(Path.Combine(folder.Root, "plain"));
        ImageSet zipped = SampleImages.Load(folder.Write("a.zip", SampleImages.Zip(SampleImages.ClassFolders)));

        Assert.Equal(SampleImages.Describe(plain), SampleImages.Describe(zipped));
        Assert.Equal(plain.Images.Select(image => image.ContentHash), zipped.Images.Select(image => image.ContentHash));
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void A_tar_archive_of_every_format_is_read(TarEntryFormat format)
    {
        string tar = folder.Write("a.tar", SampleImages.Tar(SampleImages.ClassFolders, format));

        Assert.Equal(Expected, SampleImages.Describe(SampleImages.Load(tar)));
    }

    [Fact]
    public void A_compressed_tar_archive_is_read()
    {
        byte[] tar = SampleImages.Gzip(SampleImages.Tar(SampleImages.ClassFolders));

        Assert.Equal(Expected, SampleImages.Describe(SampleImages.Load(folder.Write("a.tar.gz", tar))));
    }

    [Fact]
    public void The_content_tells_an_archive_whatever_its_name()
    {
        string zip = folder.Write("photos", SampleImages.Zip(SampleImages.ClassFolders));

        Assert.Equal(Expected, SampleImages.Describe(SampleImages.Load(zip)));
    }

    [Fact]
    public void Parts_and_files_of_the_system_are_read_as_in_folders()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["train/x/1.png"] = SampleImages.Picture(1),
            ["train/y/2.png"] = SampleImages.Picture(2),
            ["test/x/3.png"] = SampleImages.Picture(3),
            ["test/y/4.png"] = SampleImages.Picture(4),
            ["__MACOSX/train/x/._1.png"] = [1, 2, 3],
            ["train/.DS_Store"] = [1],
        };

        ImageSet set = SampleImages.Load(folder.Write("a.zip", SampleImages.Zip(files)));

        Assert.Equal(
            [
                "test/x/3.png = x (Test)",
                "test/y/4.png = y (Test)",
                "train/x/1.png = x (Train)",
                "train/y/2.png = y (Train)",
            ],
            SampleImages.Describe(set)
        );
        Assert.Empty(set.Rejected);
    }

    [Fact]
    public void A_folder_around_the_classes_is_entered_and_the_reading_said()
    {
        IEnumerable<KeyValuePair<string, byte[]>> wrapped = SampleImages.ClassFolders.Select(file =>
            KeyValuePair.Create("photos/" + file.Key, file.Value)
        );
        string zip = folder.Write("a.zip", SampleImages.Zip(wrapped));

        ImageSet set = SampleImages.Load(zip);

        Assert.Equal(["roses", "tulips"], set.Classes);
        Assert.Contains($"'{zip}' is read as a zip archive of class folders", set.Notes);
    }

    [Fact]
    public void An_empty_class_folder_of_an_archive_stops_by_its_name()
    {
        Dictionary<string, byte[]> files = new(SampleImages.ClassFolders) { ["lilies/"] = [] };

        Refuses(Write("a.zip", SampleImages.Zip(files)), "lilies");
    }

    [Fact]
    public void The_ignore_list_beside_an_archive_counts()
    {
        _ = folder.Write("ignore.txt", "roses/2.png\n");
        string zip = folder.Write("a.zip", SampleImages.Zip(SampleImages.ClassFolders));

        Assert.DoesNotContain("roses/2.png", SampleImages.Load(zip).Images.Select(image => image.Name));
    }

    [Fact]
    public void Images_of_an_archive_are_read_from_several_threads()
    {
        string zip = folder.Write("a.zip", SampleImages.Zip(SampleImages.ClassFolders));
        ImageSet set = SampleImages.Load(zip);

        byte[][] read = [.. Enumerable.Range(0, 200).AsParallel().AsOrdered().Select(n => Read(set.Images[n % 4]))];

        Assert.All(read.Index(), one => Assert.Equal(SampleImages.Picture((one.Index % 4) + 1), one.Item));
        static byte[] Read(LabelledImage image) => image.ReadBytes(new DecodeLimits());
    }

    [Theory]
    [InlineData("../roses/1.png", "leads out of the archive")]
    [InlineData("roses/../../1.png", "leads out of the archive")]
    [InlineData("/etc/1.png", "leads out of the archive")]
    [InlineData("C:\\1.png", "leads out of the archive")]
    [InlineData("roses/\u001b[2J1.png", "control characters")]
    [InlineData("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/1.png", "deeper than 16 folders")]
    public void A_path_that_leads_astray_refuses_the_archive_by_name(string name, string reason)
    {
        KeyValuePair<string, byte[]>[] files = [new(name, SampleImages.Picture(1))];

        string[] archives = [Write("a.zip", SampleImages.Zip(files)), Write("a.tar", SampleImages.Tar(files))];

        foreach (string path in archives)
        {
            GraftException refusal = Assert.Throws<GraftException>(() => SampleImages.Load(path));
            Assert.Contains(reason, refusal.Message);
            Assert.Contains("1.png", refusal.Message);
            Assert.DoesNotContain('\u001b', refusal.Message);
        }
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "a link")]
    [InlineData(TarEntryType.HardLink, "a link")]
    [InlineData(TarEntryType.Fifo, "no plain file")]
    [InlineData(TarEntryType.CharacterDevice, "no plain file")]
    public void An_entry_that_is_no_file_refuses_the_archive(TarEntryType type, string reason)
    {
        using MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, leaveOpen: true))
        {
            PaxTarEntry entry = new(type, "roses/1.png");
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                entry.LinkName = "/etc/passwd";
            }

            writer.WriteEntry(entry);
        }

        Refuses(Write("a.tar", bytes.ToArray()), $"'roses/1.png' is {reason}");
    }

    [Fact]
    public void A_link_in_a_zip_archive_refuses_it()
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            ZipArchiveEntry entry = zip.CreateEntry("roses/1.png");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000); // S_IFLNK | 0777
            using Stream stream = entry.Open();
            stream.Write("/etc/passwd"u8);
        }

        Refuses(Write("a.zip", bytes.ToArray()), "'roses/1.png' is a link");
    }

    [Theory]
    [InlineData(new byte[] { 0x47, 0x72, 0x81, 0x6E }, null, "Gr\u00fcn")] // code page 437
    [InlineData(new byte[] { 0x47, 0x72, 0xC3, 0xBC, 0x6E }, null, "Gr\u00fcn")] // UTF-8 without its mark
    [InlineData(new byte[] { 0x47, 0x72, 0xFC, 0x6E }, "windows-1252", "Gr\u00fcn")]
    [InlineData(new byte[] { 0x93, 0xFA, 0x96, 0x7B }, "shift_jis", "\u65e5\u672c")]
    public void Names_in_old_encodings_are_read(byte[] name, string? encoding, string expected)
    {
        string stand = new('x', name.Length);
        byte[] zip = SampleImages.Zip([new($"{stand}/1.png", SampleImages.Picture(1))]);
        for (int place = zip.AsSpan().IndexOf(SampleImages.Text(stand)); place >= 0;)
        {
            name.CopyTo(zip, place);
            place = zip.AsSpan().IndexOf(SampleImages.Text(stand));
        }

        ImageSet set = SampleImages.Load(Write("a.zip", zip), new() { Encoding = encoding });

        Assert.Equal([expected], set.Classes);
    }

    [Fact]
    public void A_name_in_a_tar_archive_that_is_not_UTF8_refuses_it()
    {
        byte[] tar = SampleImages.Tar([new("xxxx/1.png", SampleImages.Picture(1))], TarEntryFormat.V7);
        tar[2] = 0xFC;
        int sum = tar.Take(512).Select((value, place) => place is >= 148 and < 156 ? 32 : (int)value).Sum();
        SampleImages.Text(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(tar, 148);

        Refuses(Write("a.tar", tar), "has a name that is not UTF-8");
    }

    [Fact]
    public void A_bomb_refuses_the_archive()
    {
        byte[] zeros = new byte[40 << 20];
        Dictionary<string, byte[]> bomb = new() { ["roses/1.png"] = zeros };

        Refuses(Write("a.zip", SampleImages.Zip(bomb)), "'roses/1.png' unpacks to over 200 times its size");
        Refuses(Write("a.tgz", SampleImages.Gzip(zeros)), "unpacks to over 200 times its size");
    }

    [Fact]
    public void Two_entries_of_one_name_refuse_the_archive()
    {
        byte[] twice = SampleImages.Zip([
            new("roses/1.png", SampleImages.Picture(1)),
            new("roses/1.png", SampleImages.Picture(2)),
        ]);

        Refuses(Write("a.zip", twice), "two of its entries are called 'roses/1.png'");
    }

    [Fact]
    public void Two_entries_at_one_place_refuse_the_archive()
    {
        byte[] zip = SampleImages.Zip(SampleImages.ClassFolders);
        int first = zip.AsSpan().IndexOf("PK\x01\x02"u8);
        int second = zip.AsSpan(first + 4).IndexOf("PK\x01\x02"u8) + first + 4;
        zip.AsSpan(first + 42, 4).CopyTo(zip.AsSpan(second + 42)); // offset of the local header

        Refuses(Write("a.zip", zip), "'roses/2.png' is at the place of another one");
    }

    [Fact]
    public void A_declared_million_entries_is_refused_before_they_are_read()
    {
        byte[] zip = SampleImages.Zip(SampleImages.ClassFolders);
        int end = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        zip[end + 8] = zip[end + 9] = zip[end + 10] = zip[end + 11] = 0xFE;

        Refuses(Write("a.zip", zip), "more than 500,000 entries");
    }

    [Fact]
    public void Entries_are_counted_in_every_archive()
    {
        ArchiveLimits limits = new("a\u001b.tar", 16);
        for (int i = 0; i < ArchiveLimits.MostEntries; i++)
        {
            limits.Count();
        }

        GraftException refusal = Assert.Throws<GraftException>(limits.Count);
        Assert.StartsWith(@"'a\u001b.tar' cannot be used: it has more than 500,000 entries", refusal.Message);
    }

    [Fact]
    public void A_cut_off_archive_is_refused_as_damaged()
    {
        byte[] zip = SampleImages.Zip(SampleImages.ClassFolders);
        byte[] gzip = SampleImages.Gzip(SampleImages.Tar(SampleImages.ClassFolders));

        Refuses(Write("a.zip", zip[..(zip.Length / 2)]), "it is damaged or not complete");
        Refuses(Write("a.tar.gz", [.. gzip[..40], 0xFF, 0xFF, .. gzip[42..]]), "it is damaged or not complete");
    }

    [Fact]
    public void A_damaged_entry_is_rejected_alone()
    {
        byte[] zip = SampleImages.Zip(SampleImages.ClassFolders);
        int second = zip.AsSpan(4).IndexOf("PK\x03\x04"u8) + 4;
        zip[second] = 0;

        ImageSet set = SampleImages.Load(Write("a.zip", zip));

        Assert.Equal(["roses/2.png"], set.Rejected.Select(image => image.Path));
        Assert.Equal(3, set.Images.Length);
    }

    private string Write(string name, byte[] bytes) => folder.Write(name, bytes);

    private static void Refuses(string path, string reason)
    {
        GraftException refusal = Assert.Throws<GraftException>(() => SampleImages.Load(path));
        Assert.Contains(reason, refusal.Message);
    }
}
