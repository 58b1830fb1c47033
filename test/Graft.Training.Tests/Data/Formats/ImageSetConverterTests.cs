namespace Graft.Training.Tests.Data;

/// <summary>Sets written in another layout and read again.</summary>
public sealed class ImageSetConverterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ImageSetLayout.Folders)]
    [InlineData(ImageSetLayout.Csv)]
    [InlineData(ImageSetLayout.Shards)]
    public void Every_layout_keeps_labels_parts_and_bytes(ImageSetLayout layout)
    {
        string source = Source("train/roses/1.png", "train/tulips/1.png", "train/tulips/4", "test/roses/3.png");
        ImageSet set = SampleImages.Load(source);

        ImageSet read = Convert(set, layout);

        Assert.Equal(Content(set), Content(read));
        Assert.Equal(4, read.Images.Length);
    }

    [Theory]
    [InlineData(ImageSetLayout.Csv)]
    [InlineData(ImageSetLayout.Shards)]
    public void Lists_keep_groups(ImageSetLayout layout)
    {
        _ = Source("a.png", "b.png");
        string csv = folder.Write("source/list.csv", "path,label,group\na.png,x,monday\nb.png,y,\n");

        ImageSet read = Convert(SampleImages.Load(csv), layout);

        Assert.Equal(["monday", null], read.Images.Select(image => image.Group));
    }

    [Fact]
    public void A_set_without_parts_gets_none()
    {
        ImageSet set = SampleImages.Load(Source("roses/1.png", "tulips/2.png"));

        ImageSet read = Convert(set, ImageSetLayout.Folders);

        Assert.Equal(["roses/1.png = roses", "tulips/2.png = tulips"], SampleImages.Describe(read));
    }

    [Fact]
    public void Images_of_one_name_are_all_kept()
    {
        ImageSet set = SampleImages.Load(Source("roses/a/1.png", "roses/b/1.png", "roses/c/1.PNG"));

        ImageSet read = Convert(set, ImageSetLayout.Folders);

        Assert.Equal(3, read.Images.Length);
    }

    [Fact]
    public void The_same_set_gives_the_same_shard()
    {
        ImageSet set = SampleImages.Load(Source("roses/1.png", "tulips/2.png"));

        _ = Convert(set, ImageSetLayout.Shards, "first");
        _ = Convert(set, ImageSetLayout.Shards, "second");

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder.Root, "first", "images-00000.tar")),
            File.ReadAllBytes(Path.Combine(folder.Root, "second", "images-00000.tar"))
        );
    }

    [Fact]
    public void A_class_that_is_no_name_of_a_folder_stops_folders_but_not_lists()
    {
        _ = Source("a.png", "b.png");
        string csv = folder.Write("source/list.csv", "path,label\na.png,up/down\nb.png,../x\n");
        ImageSet set = SampleImages.Load(csv);

        GraftException stop = Assert.Throws<GraftException>(() => Convert(set, ImageSetLayout.Folders));
        Assert.Contains("'../x' cannot be the name of a folder; write a CSV file or shards", stop.Message);
        Assert.Equal(["../x", "up/down"], Convert(set, ImageSetLayout.Csv, "csv").Classes);
        Assert.Equal(["../x", "up/down"], Convert(set, ImageSetLayout.Shards, "shards").Classes);
    }

    [Fact]
    public void A_folder_that_is_not_empty_is_not_touched()
    {
        ImageSet set = SampleImages.Load(Source("roses/1.png"));
        _ = folder.Write("out/mine.txt", "x");

        GraftException stop = Assert.Throws<GraftException>(() => Convert(set, ImageSetLayout.Folders));

        Assert.Contains("it is not empty", stop.Message);
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(folder.Root, "out")));
    }

    private string Source(params string[] names)
    {
        foreach ((int index, string name) in names.Index())
        {
            _ = folder.Write("source/" + name, SampleImages.Picture(index + 1));
        }

        return Path.Combine(folder.Root, "source");
    }

    private ImageSet Convert(ImageSet set, ImageSetLayout layout, string name = "out")
    {
        string target = Path.Combine(folder.Root, name);
        ImageSetConverter.Convert(set, target, layout, cancel: TestContext.Current.CancellationToken);
        return SampleImages.Load(layout == ImageSetLayout.Csv ? Path.Combine(target, "images.csv") : target);
    }

    private static string[] Content(ImageSet set) =>
        [
            .. set
                .Images.Select(image => $"{image.ContentHash} {image.Label} {image.Part}")
                .Order(StringComparer.Ordinal),
        ];
}
