using System.Formats.Tar;

namespace Graft.Training.Tests.Data;

/// <summary>Damaged archives and lists are read, or refused by a Graft exception on one line.</summary>
public sealed class FormatFuzzTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Zip_archives() =>
        Survives("a.zip", SampleImages.Zip(SampleImages.ClassFolders), SampleImages.Zip(Lists()));

    [Fact]
    public void Tar_archives() =>
        Survives(
            "a.tar",
            SampleImages.Tar(SampleImages.ClassFolders),
            SampleImages.Tar(SampleImages.ClassFolders, TarEntryFormat.Gnu),
            SampleImages.Tar(Lists())
        );

    [Fact]
    public void Compressed_tar_archives() =>
        Survives("a.tar.gz", SampleImages.Gzip(SampleImages.Tar(SampleImages.ClassFolders)));

    [Fact]
    public async Task Parquet_files()
    {
        string file = await ParquetTests.WriteAsync(folder, "a.parquet", ParquetTests.Features, [0, 1], [1]);
        byte[] whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);

        Survives("b.parquet", whole);
    }

    [Fact]
    public async Task Metadata_tables()
    {
        _ = folder.Write("1.png", SampleImages.Picture(1));
        _ = folder.Write("2.png", SampleImages.Picture(2));

        Survives("metadata.parquet", await ParquetTests.MetadataAsync(["1.png", "2.png"], [0, 1]));
    }

    [Theory]
    [InlineData("metadata.csv", "file_name,label\n1.png,x\n2.png,\"y\"\n")]
    [InlineData("metadata.jsonl", "{\"file_name\":\"1.png\",\"label\":\"x\"}\n{\"file_name\":\"2.png\",\"label\":3}\n")]
    [InlineData("_classes.csv", "filename, bolt, nut\n1.png, 1, 0\n2.png, 0, 1\n")]
    [InlineData("train.txt", "1.png 0\n\"2\".png 1\n")]
    [InlineData("lines.jsonl", "{\"image_url\":\"azureml://x/paths/1.png\",\"label\":\"a\"}\n")]
    [InlineData("labels.json", "{\"classes\":[\"x\"],\"labels\":{\"1\":0,\"2\":null}}")]
    [InlineData(
        "coco.json",
        "{\"images\":[{\"id\":1,\"file_name\":\"1.png\"}],\"annotations\":[{\"image_id\":1,\"category_id\":2}],"
            + "\"categories\":[{\"id\":2,\"name\":\"x\"}]}"
    )]
    [InlineData(
        "tasks.json",
        "[{\"id\":1,\"data\":{\"image\":\"1.png\"},\"annotations\":[{\"result\":[{\"type\":\"choices\",\"value\":"
            + "{\"choices\":[\"x\"]}}]}]}]"
    )]
    public void Lists_of_other_tools(string name, string text)
    {
        _ = folder.Write("1.png", SampleImages.Picture(1));
        _ = folder.Write("2.png", SampleImages.Picture(2));

        Survives(name, SampleImages.Text(text));
    }

    private static Dictionary<string, byte[]> Lists() =>
        new()
        {
            ["1.png"] = SampleImages.Picture(1),
            ["1.cls"] = SampleImages.Text("0"),
            ["1.json"] = SampleImages.Text("""{"label":"x"}"""),
            ["2-!-2.png"] = SampleImages.Picture(2),
            ["manifest.json"] = SampleImages.Text("""{"type":"image"}"""),
        };

    private void Survives(string name, params byte[][] corpus) =>
        FuzzTests.AssertSurvives(corpus, bytes => SampleImages.Load(folder.Write(name, bytes)));
}
