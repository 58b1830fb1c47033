using System.Globalization;
using System.Text.Json;
using Graft.Infrastructure;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Data;

/// <summary>The columns of a Parquet file that hold images and labels.</summary>
/// <param name="Image">The encoded images.</param>
/// <param name="Label">Names of classes, or numbers; one a row or a list.</param>
/// <param name="Names">Names of the numbers; null where the file has none.</param>
internal sealed record ParquetColumns(DataField Image, DataField Label, string[]? Names)
{
    private const int LevelsOfList = 2; // labels/list/element

    private static readonly string[] LabelNames = ["label", "labels", "class", "target", "fine_label"];

    /// <exception cref="GraftException">A column is missing.</exception>
    public static ParquetColumns Find(ScannedFile table, ParquetReader reader)
    {
        using JsonDocument? features = FeaturesOf(reader);
        DataField[] fields = reader.Schema.DataFields;
        DataField[] images = [.. fields.Where(IsImage)];
        DataField? image = images.FirstOrDefault(field =>
            field.Path.ToString() is "image/bytes" or "img/bytes" or "image"
        ) ?? (images.Length == 1 ? images[0] : null);
        DataField? label = LabelNames
            .Select(name => Array.Find(fields, field => IsLabel(field, name)))
            .FirstOrDefault(one => one is not null)
            ?? Array.Find(fields, field => HasTexts(field) && NamesOf(features, field) is not null);
        string columns = Printable.Text(string.Join("', '", fields.Select(field => field.Path.ToString())));
        return image is null || label is null
            ? throw ParquetImages.Problem(
                table,
                $"it has no column of {(image is null ? "images with their bytes" : "labels")}, only '{columns}'; "
                    + "call them 'image' and 'label'"
            )
            : new(image, label, NamesOf(features, label));
    }

    /// <summary>The labels of a row group; none for a row without one.</summary>
    public Task<string[][]> LabelsAsync(ScannedFile table, ParquetRowGroupReader rows) =>
        ListsAsync(table, rows, Label, Names);

    /// <summary>The first name in a column's path: "labels" for the values of a list of this name.</summary>
    public static string NameOf(DataField field) => field.Path.ToString().Split('/')[0];

    /// <summary>True for a column that has a value or a list of values a row.</summary>
    public static bool HasTexts(DataField field) =>
        field.MaxRepetitionLevel == 0
            ? !field.Path.ToString().Contains('/')
            : field.MaxRepetitionLevel == 1 && field.Path.ToString().Count(c => c == '/') <= LevelsOfList;

    /// <summary>The values of each row as texts: none, one or, in a column of lists, any number.</summary>
    /// <param name="names">Names of its numbers; null: the numbers themselves.</param>
    public static async Task<string[][]> ListsAsync(
        ScannedFile table,
        ParquetRowGroupReader rows,
        DataField column,
        string[]? names
    )
    {
        ParquetRowGroups.CheckSize(table, rows, column);
        long count = column.MaxRepetitionLevel == 0 ? rows.RowCount : CountOf(table, rows, column);
        int[] repetitions = new int[count];
        string?[] texts = await TextsAsync(table, rows, column, names, repetitions).ConfigureAwait(false);
        List<string>[] lists = [.. Enumerable.Range(0, (int)rows.RowCount).Select(_ => new List<string>())];
        int row = -1;
        for (int i = 0; i < texts.Length; i++)
        {
            row += repetitions[i] == 0 ? 1 : 0; // a value that repeats nothing begins a row
            if (texts[i] is string text)
            {
                lists[row].Add(text);
            }
        }

        return Array.ConvertAll(lists, list => list.ToArray());
    }

    /// <summary>The values of a column without lists as texts; null for a row without one.</summary>
    /// <param name="names">Names of its numbers; null: the numbers themselves.</param>
    public static Task<string?[]> TextsAsync(
        ScannedFile table,
        ParquetRowGroupReader rows,
        DataField column,
        string[]? names
    ) => TextsAsync(table, rows, column, names, new int[rows.RowCount]);

    /// <param name="levels">Receives what each value repeats; as long as there are values.</param>
    private static async Task<string?[]> TextsAsync(
        ScannedFile table,
        ParquetRowGroupReader rows,
        DataField column,
        string[]? names,
        int[] levels
    )
    {
        return column.ClrType == typeof(long) ? await ReadAsync<long>(rows, column, Named, levels).ConfigureAwait(false)
            : column.ClrType == typeof(int)
                ? await ReadAsync<int>(rows, column, x => Named(x), levels).ConfigureAwait(false)
            : column.ClrType == typeof(short)
                ? await ReadAsync<short>(rows, column, x => Named(x), levels).ConfigureAwait(false)
            : column.ClrType == typeof(byte)
                ? await ReadAsync<byte>(rows, column, x => Named(x), levels).ConfigureAwait(false)
            : column.ClrType == typeof(ReadOnlyMemory<char>)
                ? await ReadAsync<ReadOnlyMemory<char>>(rows, column, text => text.ToString(), levels)
                    .ConfigureAwait(false)
            : throw ParquetImages.Problem(
                table,
                $"its column '{Printable.Text(column.Path.ToString())}' holds neither texts nor whole numbers"
            );

        string Named(long number) =>
            names is not null && number >= 0 && number < names.Length
                ? names[number]
                : number.ToString(CultureInfo.InvariantCulture);
    }

    // Values of a row group, those that are null included.
    private static long CountOf(ScannedFile table, ParquetRowGroupReader rows, DataField column)
    {
        long count = rows.GetMetadata(column)?.MetaData?.NumValues ?? 0;
        return count is >= 0 and <= ParquetImages.MostRows
            ? count
            : throw ParquetImages.Problem(
                table,
                $"a row group has more than {ParquetImages.MostRows:N0} labels; divide it"
            );
    }

    // Values without those that are null; the definition levels tell which rows have one.
    private static async Task<string?[]> ReadAsync<T>(
        ParquetRowGroupReader rows,
        DataField column,
        Func<T, string> toText,
        int[] repetitions
    )
        where T : struct
    {
        T[] values = new T[repetitions.Length];
        int[] levels = new int[repetitions.Length];
        Memory<int>? repeated = column.MaxRepetitionLevel == 0 ? default(Memory<int>?) : repetitions.AsMemory();
        await rows.ReadRawAsync<T>(column, values, (Memory<int>?)levels.AsMemory(), repeated).ConfigureAwait(false);
        string?[] texts = new string?[values.Length];
        int next = 0;
        for (int row = 0; row < texts.Length; row++)
        {
            bool isThere = column.MaxDefinitionLevel == 0 || levels[row] == column.MaxDefinitionLevel;
            string? text = isThere ? toText(values[next++]).Trim() : null;
            texts[row] = string.IsNullOrEmpty(text) ? null : text;
        }

        return texts;
    }

    private static bool IsImage(DataField field) =>
        field.ClrType == typeof(ReadOnlyMemory<byte>)
        && field.MaxRepetitionLevel == 0
        && (field.Path.ToString().EndsWith("/bytes", StringComparison.Ordinal) || !field.Path.ToString().Contains('/'));

    private static bool IsLabel(DataField field, string name) =>
        HasTexts(field) && NameOf(field).Equals(name, StringComparison.OrdinalIgnoreCase);

    // {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    // Lists: {"labels": {"feature": {"names": ...}, "_type": "List"}}, before {"labels": [{"names": ...}]}
    internal static JsonDocument? FeaturesOf(ParquetReader reader)
    {
        try
        {
            return reader.CustomMetadata.TryGetValue("huggingface", out string? text) ? JsonDocument.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string[]? NamesOf(JsonDocument? document, DataField field)
    {
        JsonElement? feature = document?.RootElement.Member("info")?.Member("features")?.Member(NameOf(field));
        feature = feature?.Member("feature") ?? feature;
        feature = feature?.ValueKind == JsonValueKind.Array ? feature.Elements().FirstOrDefault() : feature;
        JsonElement? names = feature?.Member("names");
        return names is null ? null : [.. names.Elements().Select(name => ((JsonElement?)name).Text() ?? "")];
    }
}
