using Graft.Prediction;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Tests.Data;

/// <summary>Parquet files whose rows have lists of labels, as huggingface/datasets writes them.</summary>
public sealed class ParquetListTests : IDisposable
{
    private const string Features = """
        {"info": {"features": {"image": {"_type": "Image"},
         "labels": {"feature": {"names": ["cat", "dog", "sofa"], "_type": "ClassLabel"}, "_type": "List"}}}}
        """;

    // as versions before 4 wrote it
    private const string OldFeatures = """
        {"info": {"features": {"image": {"_type": "Image"},
         "labels": [{"names": ["cat", "dog", "sofa"], "_type": "ClassLabel"}]}}}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Features)]
    [InlineData(OldFeatures)]
    public async Task Lists_of_class_numbers_are_several_labels_and_an_empty_one_is_none(string features)
    {
        string file = await ImagesAsync(
            features,
            [
                [0, 2],
                [],
                [1],
                null,
                [2, 1, 0],
            ]
        );

        ImageSet set = SampleImages.Load(file);

        Assert.Equal(ClassificationTask.MultiLabel, set.Task);
        Assert.Equal(["cat;sofa", "", "dog", "", "cat;dog;sofa"], set.Images.Select(image => image.Label));
        Assert.Equal(
            Enumerable.Range(1, 5).Select(SampleImages.Picture),
            set.Images.Select(image => image.ReadBytes(new(), TestContext.Current.CancellationToken))
        );
    }

    [Fact]
    public async Task Lists_of_one_label_each_are_single_labels()
    {
        ImageSet set = SampleImages.Load(
            await ImagesAsync(
                Features,
                [
                    [0],
                    [1],
                    [1],
                    [0],
                ]
            )
        );

        Assert.Equal(ClassificationTask.SingleLabel, set.Task);
        Assert.Equal(["cat", "dog", "dog", "cat"], set.Images.Select(image => image.Label));
    }

    [Fact]
    public async Task Several_row_groups_are_read_one_after_the_other()
    {
        string file = await ImagesAsync(
            Features,
            [
                [0, 1],
            ],
            [
                [2],
            ],
            [
                [],
                [1, 2],
            ]
        );

        Assert.Equal(["cat;dog", "sofa", "", "dog;sofa"], SampleImages.Load(file).Images.Select(image => image.Label));
    }

    [Fact]
    public async Task Metadata_may_have_lists_of_texts()
    {
        _folder.Write("1.png", SampleImages.Picture(1));
        _folder.Write("2.png", SampleImages.Picture(2));
        _folder.Write("3.png", SampleImages.Picture(3));
        _folder.Write(
            "metadata.parquet",
            await MetadataAsync(
                ["1.png", "2.png", "3.png"],
                [
                    ["cat", "sofa"],
                    ["cat"],
                    [],
                ]
            )
        );

        ImageSet set = SampleImages.Load(_folder.Root);

        Assert.Equal(["cat;sofa", "cat", ""], set.Images.Select(image => image.Label));
    }

    // image: struct{bytes, path}, labels: list<int64>
    private async Task<string> ImagesAsync(string features, params long[]?[][] groups)
    {
        DataField<byte[]> bytes = new("bytes");
        DataField<string> path = new("path");
        ListField labels = new("labels", new DataField<long?>("element"));
        ParquetSchema schema = new(new StructField("image", bytes, path), labels);
        using MemoryStream stream = new();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancel))
        {
            writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = features };
            int number = 0;
            foreach (long[]?[] rows in groups)
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                byte[][] pictures = [.. rows.Select(_ => SampleImages.Picture(++number))];
                await group.WriteAsync(bytes, pictures);
                await group.WriteAsync(path, rows.Select(_ => "a.png").ToArray());
                (int[] definitions, int[] repetitions) = Levels(rows, (DataField)labels.Item);
                long[] values = [.. rows.SelectMany(row => row ?? [])];
                await group.WriteAllPartsAsync<long>(
                    (DataField)labels.Item,
                    values,
                    (ReadOnlyMemory<int>?)definitions,
                    (ReadOnlyMemory<int>?)repetitions,
                    cancel
                );
            }
        }

        return _folder.Write("a.parquet", stream.ToArray());
    }

    // file_name: string, labels: list<string>
    private static async Task<byte[]> MetadataAsync(string[] names, string[][] lists)
    {
        DataField<string> name = new("file_name");
        ListField labels = new("labels", new DataField<string>("element"));
        using MemoryStream stream = new();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using (
            ParquetWriter writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(name, labels),
                stream,
                cancellationToken: cancel
            )
        )
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(name, names);
            (int[] definitions, int[] repetitions) = Levels(lists, (DataField)labels.Item);
            ReadOnlyMemory<char>[] values = [.. lists.SelectMany(list => list).Select(text => text.AsMemory())];
            await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
                (DataField)labels.Item,
                values,
                (ReadOnlyMemory<int>?)definitions,
                (ReadOnlyMemory<int>?)repetitions,
                cancel
            );
        }

        return stream.ToArray();
    }

    // A list that is missing has the level 0, an empty one 1, a value the highest.
    private static (int[] Definitions, int[] Repetitions) Levels<T>(T[]?[] rows, DataField field)
    {
        List<int> definitions = [];
        List<int> repetitions = [];
        foreach (T[]? row in rows)
        {
            int count = row?.Length ?? 0;
            for (int i = 0; i < Math.Max(1, count); i++)
            {
                definitions.Add(
                    row is null ? 0
                    : count == 0 ? 1
                    : field.MaxDefinitionLevel
                );
                repetitions.Add(i == 0 ? 0 : 1);
            }
        }

        return ([.. definitions], [.. repetitions]);
    }
}
