using Graft.Training.Weights;

namespace Graft.Training.Tests.Extraction;

public sealed class FeatureFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => ["parquet", "safetensors"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_table_comes_back_as_it_went(string kind)
    {
        FeatureTable table = Table();

        FeatureTable read = FeatureTable.Load(Save(table, kind));

        Assert.Equal(table.Values.ToArray(), read.Values.ToArray());
        Assert.Equal(table.Labels, read.Labels);
        Assert.Equal(table.Classes, read.Classes);
        Assert.Equal(table.Names, read.Names);
        Assert.Equal(table.Clusters, read.Clusters);
        Assert.Equal(table.Groups, read.Groups);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_probe_of_the_file_is_the_probe_of_the_table(string kind)
    {
        FeatureTable table = Table();
        CancellationToken cancel = TestContext.Current.CancellationToken;

        LinearProbe read = LinearProbe.Fit(FeatureTable.Load(Save(table, kind)), cancel: cancel);

        LinearProbe own = LinearProbe.Fit(table, cancel: cancel);
        Assert.Equal(own.PredictProbabilities(table.Row(3)), read.PredictProbabilities(table.Row(3)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_table_gives_the_same_bytes(string kind) =>
        Assert.Equal(File.ReadAllBytes(Save(Table(), kind)), File.ReadAllBytes(Save(Table(), kind)));

    [Fact]
    public void A_wide_table_is_written_in_several_groups_of_rows()
    {
        const int Columns = 3_000_000;
        float[] values = [.. Enumerable.Range(0, 3 * Columns).Select(i => (float)i)];

        FeatureTable read = FeatureTable.Load(Save(new(values, [0, 1, 0], ["a", "b"], ["x", "y", "z"]), "parquet"));

        Assert.Equal(values, read.Values.ToArray());
        Assert.Equal(["x", "y", "z"], read.Names);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_that_is_cut_short_or_changed_is_refused(string kind)
    {
        byte[] bytes = File.ReadAllBytes(Save(Table(), kind));
        int step = Math.Max(1, bytes.Length / 97);
        for (int at = 4; at < bytes.Length; at += step)
        {
            Refused(bytes[..at]);
            byte[] changed = [.. bytes];
            changed[at] ^= 0xFF;
            ReadOrRefused(changed);
        }
    }

    [Fact]
    public void A_file_of_weights_is_refused_by_what_it_lacks()
    {
        string path = Path.Combine(_folder.Root, "weights.safetensors");
        SafetensorsFile.Write(path, [new("features", WeightType.Float32, [1, 1], new byte[4])]);

        GraftException error = Assert.Throws<GraftException>(() => FeatureTable.Load(path));

        Assert.Contains("it has no tensor 'labels' of 1 dimensions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_without_a_class_is_refused()
    {
        string path = Path.Combine(_folder.Root, "labels.safetensors");
        Dictionary<string, string> texts = new() { ["classes"] = """["a"]""", ["names"] = """["x"]""" };
        SafetensorsFile.Write(
            path,
            [
                new("features", WeightType.Float32, [1, 1], new byte[4]),
                new("labels", WeightType.Int64, [1], BitConverter.GetBytes(1L)),
            ],
            texts
        );

        GraftException error = Assert.Throws<GraftException>(() => FeatureTable.Load(path));

        Assert.EndsWith("a label is the number of no class", error.Message, StringComparison.Ordinal);
    }

    private void Refused(byte[] bytes) => Assert.ThrowsAny<GraftException>(() => Load(bytes));

    // A change of a value is not seen; anything else must be refused by a message.
    private void ReadOrRefused(byte[] bytes)
    {
        try
        {
            Assert.Equal(24, Load(bytes).Count);
        }
        catch (GraftException error)
        {
            Assert.NotEmpty(error.Message);
        }
    }

    private FeatureTable Load(byte[] bytes) => FeatureTable.Load(_folder.Write("changed", bytes));

    private string Save(FeatureTable table, string kind)
    {
        string path = Path.Combine(_folder.Root, $"features.{kind}");
        if (kind == "parquet")
        {
            table.SaveParquet(path);
        }
        else
        {
            table.SaveSafetensors(path);
        }

        return path;
    }

    private static FeatureTable Table()
    {
        const int Rows = 24;
        const int Columns = 5;
        Random random = new(3);
        int[] labels = [.. Enumerable.Range(0, Rows).Select(row => row % 3)];
        float[] values =
        [
            .. Enumerable.Range(0, Rows * Columns).Select(i => random.NextSingle() + labels[i / Columns]),
        ];
        return new(values, labels, ["Grün", "Grön", "c"], [.. Enumerable.Range(0, Rows).Select(row => $"{row}.png")])
        {
            Clusters = [.. Enumerable.Range(0, Rows).Select(row => $"{row / 2}")],
            Groups = [2, 3],
        };
    }
}
