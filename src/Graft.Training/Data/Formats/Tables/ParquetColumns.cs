using System.Globalization;
using System.Text.Json;
using Graft.Infrastructure;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Data;

/// <summary>The columns of a Parquet file that hold images and labels.</summary>
/// <param name="Image">The encoded images.</param>
/// <param name="Label">Names of classes, or numbers.</param>
/// <param name="Names">Names of the numbers; null where the file has none.</param>
internal sealed record ParquetColumns(DataField Image, DataField Label, string[]? Names)
{
    private static readonly string[] LabelNames = ["label", "labels", "class", "target", "fine_label"];

    /// <exception cref="GraftException">A column is missing.</exception>
    public static ParquetColumns Find(ScannedFile table, ParquetReader reader)
    {
        using JsonDocument? features = FeaturesOf(reader);
        DataField[] fields = reader.Schema.DataFields;
        DataField[] images = [.. fields.Where(IsImage)];
        DataField? image =
            images.FirstOrDefault(field => field.Path.ToString() is "image/bytes" or "img/bytes" or "image")
            ?? (images.Length == 1 ? images[0] : null);
        DataField? label =
            LabelNames
                .Select(name => Array.Find(fields, field => IsLabel(field, name)))
                .FirstOrDefault(one => one is not null)
            ?? Array.Find(fields, field => NamesOf(features, field) is not null);
        string columns = Printable.Text(string.Join("', '", fields.Select(field => field.Path.ToString())));
        return image is null || label is null
            ? throw ParquetImages.Problem(
                table,
                $"it has no column of {(image is null ? "images with their bytes" : "labels")}, only '{columns}'; "
                    + "call them 'image' and 'label'"
            )
            : new(image, label, NamesOf(features, label));
    }

    /// <summary>The labels of a row group; null for a row without image or label.</summary>
    public async Task<string?[]> LabelsAsync(ScannedFile table, ParquetRowGroupReader rows)
    {
        string?[] labels =
            Label.ClrType == typeof(long) ? await ReadAsync<long>(rows, Named).ConfigureAwait(false)
            : Label.ClrType == typeof(int) ? await ReadAsync<int>(rows, value => Named(value)).ConfigureAwait(false)
            : Label.ClrType == typeof(short) ? await ReadAsync<short>(rows, value => Named(value)).ConfigureAwait(false)
            : Label.ClrType == typeof(byte) ? await ReadAsync<byte>(rows, value => Named(value)).ConfigureAwait(false)
            : Label.ClrType == typeof(ReadOnlyMemory<char>)
                ? await ReadAsync<ReadOnlyMemory<char>>(rows, text => text.ToString()).ConfigureAwait(false)
            : throw ParquetImages.Problem(
                table,
                $"its column '{Printable.Text(Label.Path.ToString())}' holds neither texts nor whole numbers"
            );
        return labels;
    }

    private string Named(long number) =>
        Names is not null && number >= 0 && number < Names.Length
            ? Names[number]
            : number.ToString(CultureInfo.InvariantCulture);

    // Values without those that are null; the definition levels tell which rows have one.
    private async Task<string?[]> ReadAsync<T>(ParquetRowGroupReader rows, Func<T, string> toLabel)
        where T : struct
    {
        T[] values = new T[rows.RowCount];
        int[] levels = new int[rows.RowCount];
        await rows.ReadRawAsync<T>(Label, values, (Memory<int>?)levels.AsMemory(), null).ConfigureAwait(false);
        string?[] labels = new string?[values.Length];
        int next = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            bool isThere = Label.MaxDefinitionLevel == 0 || levels[row] == Label.MaxDefinitionLevel;
            string? label = isThere ? toLabel(values[next++]).Trim() : null;
            labels[row] = string.IsNullOrEmpty(label) ? null : label;
        }

        return labels;
    }

    private static bool IsImage(DataField field) =>
        field.ClrType == typeof(ReadOnlyMemory<byte>)
        && field.MaxRepetitionLevel == 0
        && (field.Path.ToString().EndsWith("/bytes", StringComparison.Ordinal) || !field.Path.ToString().Contains('/'));

    private static bool IsLabel(DataField field, string name) =>
        field.MaxRepetitionLevel == 0 && field.Path.ToString().Equals(name, StringComparison.OrdinalIgnoreCase);

    // {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    private static JsonDocument? FeaturesOf(ParquetReader reader)
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

    private static string[]? NamesOf(JsonDocument? document, DataField field)
    {
        JsonElement? names = document?.RootElement.Member("info")
            ?.Member("features")
            ?.Member(field.Path.ToString())
            ?.Member("names");
        return names is null ? null : [.. names.Elements().Select(name => ((JsonElement?)name).Text() ?? "")];
    }
}
