using Graft.Infrastructure;
using Graft.Training.Data;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Extraction;

/// <summary>
/// Tables of features as Parquet files: a row an image, with the columns "name", "label", "cluster" (optional) and
/// "features", a list of float32.
/// </summary>
internal static class FeatureParquet
{
    private const int ValuesOfGroup = 1 << 22;
    private const long MostValues = 1L << 25; // of a group of another program

    // Parquet.Net does not return from some damaged files.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly DataField<string> s_name = new("name");
    private static readonly DataField<string> s_label = new("label");
    private static readonly DataField<string> s_cluster = new("cluster");
    private static readonly ListField s_features = new("features", new DataField<float>("element"));

    private static DataField Element => (DataField)s_features.Item;

    /// <param name="path">Path of the file, which is replaced as a whole.</param>
    /// <param name="table">The table.</param>
    public static void Write(string path, FeatureTable table) =>
        AtomicFile.Write(path, stream => Task.Run(() => WriteAsync(stream, table)).GetAwaiter().GetResult());

    /// <exception cref="GraftException">The file is damaged or holds no table of features.</exception>
    public static FeatureTable Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            return Task.Run(() => ReadAsync(path, stream)).WaitAsync(s_patience).GetAwaiter().GetResult();
        }
        // damaged files make Parquet.Net throw many types
        catch (Exception error) when (error is not (GraftException or OutOfMemoryException))
        {
            throw FeatureMetadata.Problem(path, "it is damaged or not complete; write it again", error);
        }
    }

    private static async Task WriteAsync(Stream stream, FeatureTable table)
    {
        Field[] fields = table.Clusters is null
            ? [s_name, s_label, s_features]
            : [s_name, s_label, s_cluster, s_features];
        ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            writer.CustomMetadata = FeatureMetadata.Of(table);
            int rows = Math.Max(1, ValuesOfGroup / table.FeatureCount);
            for (int row = 0; row < table.Count; row += rows)
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                await WriteAsync(group, table, row, Math.Min(rows, table.Count - row)).ConfigureAwait(false);
            }
        }
    }

    private static async Task WriteAsync(ParquetRowGroupWriter group, FeatureTable table, int first, int count)
    {
        int[] rows = [.. Enumerable.Range(first, count)];
        await group.WriteAsync(s_name, Array.ConvertAll(rows, row => table.Names[row])).ConfigureAwait(false);
        string[] labels = Array.ConvertAll(rows, row => table.Classes[table.Labels[row]]);
        await group.WriteAsync(s_label, labels).ConfigureAwait(false);
        if (table.Clusters is IReadOnlyList<string> clusters)
        {
            await group.WriteAsync(s_cluster, Array.ConvertAll(rows, row => clusters[row])).ConfigureAwait(false);
        }

        int columns = table.FeatureCount;
        int[] definitions = new int[count * columns];
        definitions.AsSpan().Fill(Element.MaxDefinitionLevel); // each value is there
        int[] repetitions = new int[count * columns];
        repetitions.AsSpan().Fill(Element.MaxRepetitionLevel);
        for (int row = 0; row < count; row++)
        {
            repetitions[row * columns] = 0; // begins a list
        }

        await group
            .WriteAllPartsAsync<float>(
                Element,
                table.Values.Slice(first * columns, count * columns),
                (ReadOnlyMemory<int>?)definitions,
                (ReadOnlyMemory<int>?)repetitions,
                CancellationToken.None
            )
            .ConfigureAwait(false);
    }

    private static async Task<FeatureTable> ReadAsync(string path, FileStream stream)
    {
        ParquetFooter.Check(stream);
        ParquetReader reader = await ParquetReader.CreateAsync(stream).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await ReadAsync(path, reader).ConfigureAwait(false);
        }
    }

    private static async Task<FeatureTable> ReadAsync(string path, ParquetReader reader)
    {
        DataField features = Column<float>(path, reader, "features/list/element");
        DataField name = Column<ReadOnlyMemory<char>>(path, reader, "name");
        DataField label = Column<ReadOnlyMemory<char>>(path, reader, "label");
        DataField? cluster = Array.Find(reader.Schema.DataFields, field => field.Path.ToString() == "cluster");
        List<string> names = [];
        List<string> labels = [];
        List<string> clusters = [];
        List<float> values = [];
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            names.AddRange(await TextsAsync(path, group, name).ConfigureAwait(false));
            labels.AddRange(await TextsAsync(path, group, label).ConfigureAwait(false));
            clusters.AddRange(cluster is null ? [] : await TextsAsync(path, group, cluster).ConfigureAwait(false));
            values.AddRange(await ValuesAsync(path, group, features).ConfigureAwait(false));
        }

        IReadOnlyDictionary<string, string> texts = reader.CustomMetadata;
        string[] classes = FeatureMetadata.Array<string>(path, texts, FeatureMetadata.Classes);
        int[] numbers = [.. labels.Select(one => Array.IndexOf(classes, one))];
        if (names.Count == 0 || values.Count == 0 || values.Count % names.Count != 0)
        {
            throw FeatureMetadata.Problem(path, $"{values.Count} features cannot be divided into {names.Count} rows");
        }

        return numbers.All(number => number >= 0)
            ? new([.. values], numbers, classes, names)
            {
                Clusters = cluster is null ? null : clusters,
                Groups = FeatureMetadata.GroupsOf(path, texts, values.Count / names.Count),
            }
            : throw FeatureMetadata.Problem(path, "a label is none of its classes");
    }

    private static DataField Column<T>(string path, ParquetReader reader, string name) =>
        Array.Find(reader.Schema.DataFields, field => field.Path.ToString() == name && field.ClrType == typeof(T))
        ?? throw FeatureMetadata.Problem(path, $"it has no column '{name.Split('/')[0]}' as SaveParquet writes it");

    private static async Task<string[]> TextsAsync(string path, ParquetRowGroupReader group, DataField column)
    {
        ReadOnlyMemory<char>[] texts = await RawAsync<ReadOnlyMemory<char>>(path, group, column).ConfigureAwait(false);
        return texts.Length == group.RowCount
            ? Array.ConvertAll(texts, text => text.ToString())
            : throw FeatureMetadata.Problem(path, $"'{column.Name}' has not one value a row");
    }

    private static async Task<float[]> ValuesAsync(string path, ParquetRowGroupReader group, DataField column)
    {
        int[] repetitions = [];
        float[] values = await RawAsync<float>(path, group, column, levels => repetitions = levels)
            .ConfigureAwait(false);
        long width = group.RowCount == 0 ? 0 : values.Length / group.RowCount;
        bool isEven =
            width * group.RowCount == values.Length
            && repetitions.Select((level, i) => (level == 0) == (i % width == 0)).All(fits => fits);
        return isEven ? values : throw FeatureMetadata.Problem(path, "its rows have other numbers of features");
    }

    // All values of a column of a row group; none may be missing.
    private static async Task<T[]> RawAsync<T>(
        string path,
        ParquetRowGroupReader group,
        DataField column,
        Action<int[]>? repeated = null
    )
        where T : struct
    {
        long count = group.GetMetadata(column)?.MetaData?.NumValues ?? 0;
        if (count is < 0 or > MostValues)
        {
            throw FeatureMetadata.Problem(path, $"a row group has {count} values; write it with smaller row groups");
        }

        T[] values = new T[count];
        int[] definitions = new int[count];
        int[] repetitions = new int[count];
        await group
            .ReadRawAsync<T>(
                column,
                values,
                (Memory<int>?)definitions.AsMemory(),
                column.MaxRepetitionLevel == 0 ? default(Memory<int>?) : repetitions.AsMemory()
            )
            .ConfigureAwait(false);
        repeated?.Invoke(repetitions);
        bool isWhole = column.MaxDefinitionLevel == 0 || definitions.All(level => level == column.MaxDefinitionLevel);
        return isWhole ? values : throw FeatureMetadata.Problem(path, $"a value of '{column.Name}' is missing");
    }
}
