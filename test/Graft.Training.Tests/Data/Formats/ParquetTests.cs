using Graft.Imaging;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Tests.Data;

/// <summary>Parquet files as huggingface/datasets writes them.</summary>
public sealed class ParquetTests : IDisposable
{
    internal const string Features = """
        {"info": {"features": {"image": {"_type": "Image"},
         "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Class_numbers_get_their_names_from_the_metadata()
    {
        string file = await WriteAsync(folder, "train-00000-of-00001.parquet", Features, [0, 1, 1], [0]);

        ImageSet set = SampleImages.Load(file);

        Assert.Equal(
            [
                "train-00000-of-00001.parquet/0000000 = cat (Train)",
                "train-00000-of-00001.parquet/0000001 = dog (Train)",
                "train-00000-of-00001.parquet/0000002 = dog (Train)",
                "train-00000-of-00001.parquet/0000003 = cat (Train)",
            ],
            SampleImages.Describe(set)
        );
        Assert.Equal(
            Enumerable.Range(1, 4).Select(SampleImages.Picture),
            set.Images.Select(image => image.ReadBytes(new(), TestContext.Current.CancellationToken))
        );
    }

    [Fact]
    public async Task Row_groups_are_read_from_several_threads()
    {
        byte[][] pictures = [.. Enumerable.Range(0, 60).Select(Large)];
        string file = await WriteAsync(
            folder,
            "a.parquet",
            Features,
            number => pictures[number],
            [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Repeat<long?>(1, 10).ToArray())]
        );
        ImageSet set = SampleImages.Load(file);

        byte[][] read =
        [
            .. Enumerable
                .Range(0, 600)
                .AsParallel()
                .AsOrdered()
                .Select(n => set.Images[n * 7 % 60].ReadBytes(new DecodeLimits())),
        ];

        Assert.All(read.Index(), one => Assert.Equal(pictures[one.Index * 7 % 60], one.Item));
    }

    [Fact]
    public async Task The_names_of_the_files_tell_their_parts()
    {
        _ = await WriteAsync(folder, "data/train-00000-of-00001.parquet", Features, [0, 1]);
        _ = await WriteAsync(folder, "data/test-00000-of-00001.parquet", Features, [0]);

        ImageSet set = SampleImages.Load(folder.Root);

        Assert.Equal([ImagePart.Test, ImagePart.Train, ImagePart.Train], set.Images.Select(image => image.Part));
    }

    [Fact]
    public async Task Rows_without_label_are_left_out_and_counted()
    {
        string file = await WriteAsync(folder, "a.parquet", "{}", [3, null, 4]);

        ImageSet set = SampleImages.Load(file);

        Assert.Equal(["a.parquet/0000000 = 3", "a.parquet/0000002 = 4"], SampleImages.Describe(set));
        Assert.Contains(set.Warnings, warning => warning.Contains("1 rows have no image or no label"));
    }

    // huggingface.co/docs/datasets/image_dataset: metadata.parquet beside the images, in a folder, an archive or alone
    [Theory]
    [InlineData("a folder")]
    [InlineData("a zip archive")]
    [InlineData("a tar archive")]
    [InlineData("a file")]
    public async Task Metadata_name_the_images_beside_them(string container)
    {
        byte[] table = await MetadataAsync(["train/1.png", "train/2.png", "test/3.png"], [0, 1, 1]);
        Dictionary<string, byte[]> files = new()
        {
            ["train/1.png"] = SampleImages.Picture(1),
            ["train/2.png"] = SampleImages.Picture(2),
            ["test/3.png"] = SampleImages.Picture(3),
            ["metadata.parquet"] = table,
        };
        files.ToList().ForEach(file => folder.Write("plain/" + file.Key, file.Value));
        string plain = Path.Combine(folder.Root, "plain");

        ImageSet set = SampleImages.Load(
            container switch
            {
                "a folder" => plain,
                "a zip archive" => folder.Write("a.zip", SampleImages.Zip(files)),
                "a tar archive" => folder.Write("a.tar", SampleImages.Tar(files)),
                _ => Path.Combine(plain, "metadata.parquet"),
            }
        );

        Assert.Equal(
            ["test/3.png = dog (Test)", "train/1.png = cat (Train)", "train/2.png = dog (Train)"],
            SampleImages.Describe(set)
        );
        Assert.Contains(set.Notes, note => note.Contains($"{container} with Hugging Face metadata (imagefolder)"));
    }

    [Fact]
    public async Task Metadata_without_a_file_name_stop_at_their_row()
    {
        _ = folder.Write("1.png", SampleImages.Picture(1));
        _ = folder.Write("metadata.parquet", await MetadataAsync(["1.png", ""], [0, 1]));

        GraftException stop = Assert.Throws<GraftException>(() => SampleImages.Load(folder.Root));
        Assert.Contains("row 1 of 'metadata.parquet' has no 'file_name'", stop.Message);
    }

    [Fact]
    public async Task A_table_without_images_stops_with_its_columns()
    {
        DataField<long> label = new("label");
        using MemoryStream bytes = new();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using (
            ParquetWriter writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(label),
                bytes,
                cancellationToken: cancel
            )
        )
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync<long>(label, new long[] { 1 }.AsMemory(), cancellationToken: cancel);
        }

        string file = folder.Write("a.parquet", bytes.ToArray());

        GraftException stop = Assert.Throws<GraftException>(() => SampleImages.Load(file));
        Assert.Contains("no column of images with their bytes, only 'label'", stop.Message);
    }

    [Fact]
    public async Task A_damaged_file_is_refused()
    {
        byte[] whole = await File.ReadAllBytesAsync(
            await WriteAsync(folder, "a.parquet", Features, [0, 1]),
            TestContext.Current.CancellationToken
        );
        string file = folder.Write("b.parquet", whole[..(whole.Length / 2)]);

        GraftException stop = Assert.Throws<GraftException>(() => SampleImages.Load(file));
        Assert.Contains("damaged or not complete", stop.Message);
    }

    // image: struct{bytes, path}, label: int64, as the library's own schema has them
    internal static Task<string> WriteAsync(
        TemporaryFolder folder,
        string name,
        string features,
        params long?[][] groups
    ) => WriteAsync(folder, name, features, number => SampleImages.Picture(number + 1), groups);

    // file_name: string, label: int64 with the names in the schema's metadata
    internal static async Task<byte[]> MetadataAsync(string[] names, long[] labels)
    {
        DataField<string> name = new("file_name");
        DataField<long> label = new("label");
        using MemoryStream bytes = new();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using (
            ParquetWriter writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(name, label),
                bytes,
                cancellationToken: cancel
            )
        )
        {
            writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = Features };
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync(name, names);
            await rows.WriteAsync<long>(label, labels.AsMemory(), cancellationToken: cancel);
        }

        return bytes.ToArray();
    }

    // begins as a PNG file does; the rest is noise
    private static byte[] Large(int number)
    {
        byte[] bytes = new byte[100_000];
        new Random(number).NextBytes(bytes);
        SampleImages.Picture(1).AsSpan(0, 40).CopyTo(bytes);
        return bytes;
    }

    private static async Task<string> WriteAsync(
        TemporaryFolder folder,
        string name,
        string features,
        Func<int, byte[]> picture,
        long?[][] groups
    )
    {
        DataField<byte[]> bytes = new("bytes");
        DataField<string> path = new("path");
        DataField<long?> label = new("label");
        ParquetSchema schema = new(new StructField("image", bytes, path), label);
        using MemoryStream stream = new();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancel))
        {
            writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = features };
            int number = 0;
            foreach (long?[] labels in groups)
            {
                using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                byte[][] pictures = [.. labels.Select(_ => picture(number++))];
                await rows.WriteAsync(bytes, pictures);
                await rows.WriteAsync(path, labels.Select(_ => "a.png").ToArray());
                await rows.WriteAsync<long>(label, labels.AsMemory(), cancellationToken: cancel);
            }
        }

        return folder.Write(name, stream.ToArray());
    }
}
