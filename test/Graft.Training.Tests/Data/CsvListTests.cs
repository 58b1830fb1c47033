using System.Text;

namespace Graft.Training.Tests.Data;

public sealed class CsvListTests : IDisposable
{
    private const string Good = "path,label\na/1.jpg,x\na/2.jpg,x\na/3.jpg,y\na/4.jpg,y\n";

    private readonly TemporaryFolder folder = new();

    public CsvListTests()
    {
        for (int i = 1; i <= 4; i++)
        {
            _ = folder.Write($"a/{i}.jpg", ImageSetTests.Picture(i));
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Good)]
    [InlineData("\uFEFFPath, Label\r\na/1.jpg, x\r\n./a/2.jpg,x\r\n\"a/3.jpg\",y\r\na/../a/4.jpg,y")]
    [InlineData("label;split;path\nx;;a/1.jpg\nx;;a/2.jpg\ny;;a/3.jpg\ny;;a/4.jpg\n")]
    [InlineData("sep=;\r\npath;label\r\na/1.jpg;x\r\na/2.jpg;x\r\na/3.jpg;y\r\na/4.jpg;y\r\n")]
    [InlineData("path,label\ra/1.jpg,x\ra/2.jpg,x\ra/3.jpg,y\ra/4.jpg,y\r")]
    [InlineData("path\tlabel\na\\1.jpg\tx\na/2.jpg\tx\na/3.jpg\ty\na/4.jpg\ty\n")]
    public void Spreadsheets_of_many_origins_say_the_same(string csv)
    {
        ImageSet set = Load(csv);

        Assert.Equal(["a/1.jpg", "a/2.jpg", "a/3.jpg", "a/4.jpg"], set.Images.Select(image => image.Name));
        Assert.Equal(["x", "x", "y", "y"], set.Images.Select(image => image.Label));
        Assert.Empty(set.Rejected);
    }

    [Fact]
    public void The_split_column_gives_parts_and_may_be_empty()
    {
        ImageSet set = Load("path,label,split\na/1.jpg,x,train\na/2.jpg,x,TEST\na/3.jpg,y,validation\na/4.jpg,y,\n");

        Assert.Equal(
            [ImagePart.Train, ImagePart.Test, ImagePart.Validation, null],
            set.Images.Select(image => image.Part)
        );
    }

    [Fact]
    public void Labels_may_hold_commas_quotes_and_line_breaks()
    {
        ImageSet set = Load(
            "path,label\na/1.jpg,\"x, \"\"the\"\"\nfirst\"\na/2.jpg,\"x, \"\"the\"\"\nfirst\"\na/3.jpg,y\na/4.jpg,y\n"
        );

        Assert.Equal(["x, \"the\"\nfirst", "y"], set.Classes);
    }

    [Theory]
    [InlineData("\"path\";\"label\";\"note, more, and more\"\na/1.jpg;x;\na/2.jpg;x;\na/3.jpg;y;\na/4.jpg;y;\n")]
    [InlineData("\"note; more\",path,label\n,a/1.jpg,x\n,a/2.jpg,x\n,a/3.jpg,y\n,a/4.jpg,y\n")]
    [InlineData("path|label\na/1.jpg|x\na/2.jpg|x\na/3.jpg|y\na/4.jpg|y\n")]
    public void A_quoted_header_may_hold_other_separators(string csv) => Assert.Equal(["x", "y"], Load(csv).Classes);

    [Fact]
    public void Classes_in_another_encoding_stay_apart()
    {
        const string Csv = "path;label\na/1.jpg;Gr\u00FCn\na/2.jpg;Gr\u00FCn\na/3.jpg;Gr\u00F6n\na/4.jpg;Gr\u00F6n\n";
        byte[] wide = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Csv)];
        string path = folder.Write("list.csv", Encoding.Latin1.GetBytes(Csv));

        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(path));
        ImageSet set = Sets.Load(path, new() { Data = new() { Encoding = "windows-1252" } });

        Assert.Contains("line 2, byte 11 (0xFC) is not UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Equal("Data.Encoding", error.Option);
        Assert.Equal(["Gr\u00F6n", "Gr\u00FCn"], set.Classes);
        Assert.Equal(set.Classes, Sets.Load(folder.Write("wide.csv", wide)).Classes);
    }

    [Fact]
    public void A_missing_file_is_rejected_with_its_line()
    {
        ImageSet set = Load(Good + "a/5.jpg,y\na/notes.txt,y\n");

        Assert.Equal(["a/5.jpg", "a/notes.txt"], set.Rejected.Select(image => image.Path));
        Assert.StartsWith(
            "line 6 of the CSV names it, and there is no such file",
            set.Rejected[0].Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_listed_file_that_is_no_image_is_rejected_whatever_its_name()
    {
        folder.Write("a/notes.txt", "hello"u8.ToArray());

        Assert.StartsWith(
            "not an image",
            Assert.Single(Load(Good + "a/notes.txt,y\n").Rejected).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_repeated_row_is_used_once_and_said()
    {
        ImageSet set = Load(Good + "./a/1.jpg,x\n");

        Assert.Equal(4, set.Images.Length);
        Assert.Contains("names an image twice in 1 row", Assert.Single(set.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Ignore_txt_beside_the_csv_counts()
    {
        folder.Write("ignore.txt", "a/5.jpg"u8.ToArray());

        Assert.Empty(Load(Good + "a/5.jpg,y\n").Rejected);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("file,label\na/1.jpg,x\n", "it has no column 'path', only 'file', 'label'")]
    [InlineData("path\na/1.jpg\n", "it has no column 'label'")]
    [InlineData("path,label,split\na/1.jpg,x,holdout\n", "line 2 has the split 'holdout'; write train, val")]
    [InlineData("path,label\na/1.jpg\n", "line 2 has no label")]
    [InlineData("path,label\n,x\n", "line 2 has no path")]
    [InlineData("path,label\na/1.jpg,x\n\na/1.jpg,y\n", "lines 2 and 4 call 'a/1.jpg' both 'x' and 'y'")]
    [InlineData("path,label,split\na/1.jpg,x,train\na/1.jpg,x,test\n", "lines 2 and 3 put 'a/1.jpg' into two splits")]
    [InlineData("path,label\n\"a/1.jpg,x\na/2.jpg,y\n", "line 2 is not CSV")]
    [InlineData("path,label\na\0b,x\n", "line 2 has a path with a zero byte")]
    public void What_is_wrong_is_named_with_its_line(string csv, string reason)
    {
        GraftException error = Assert.Throws<GraftException>(() => Load(csv));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_endless_row_is_not_read_to_its_end()
    {
        GraftException error = Assert.Throws<GraftException>(() => Load("path,label\n\"" + new string('a', 3_000_000)));

        Assert.Contains("line 2 is not CSV", error.Message, StringComparison.Ordinal);
    }

    private ImageSet Load(string csv) => Sets.Load(folder.Write("list.csv", Encoding.UTF8.GetBytes(csv)));
}
