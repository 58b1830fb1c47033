using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Data;

/// <summary>
/// Hugging Face's <c>metadata.parquet</c>: a table of <c>file_name</c> and labels, whose images lie beside it. Layout:
/// huggingface.co/docs/datasets/image_dataset.
/// </summary>
internal static class ParquetMetadata
{
    private const string FileColumn = "file_name";

    /// <summary>Adds the rows; false for a table that names no files, or no labels beside class folders.</summary>
    /// <param name="labelOf">Chooses the column of labels among the names of all; null where there is none.</param>
    /// <exception cref="GraftException">It is damaged or cannot be used.</exception>
    public static bool Read(DatasetFiles files, ScannedFile list, ListedImages images, Func<string[], string?> labelOf)
    {
        IReadOnlyList<MetadataRow>? rows = ParquetImages.Guarded(list, () => ReadAsync(files, list, labelOf));
        foreach (MetadataRow row in rows ?? [])
        {
            string place = $"row {row.Number}";
            if (row.File is null)
            {
                throw files.Problem($"{place} of {DatasetFiles.Quoted(list)} has no '{FileColumn}'; fill it in");
            }

            images.Add(list, place, row.File, files.Find(list, row.File), row.Labels, group: row.Group);
            images.HasLabelLists |= row.IsList;
        }

        return rows is not null;
    }

    private static async Task<IReadOnlyList<MetadataRow>?> ReadAsync(
        DatasetFiles files,
        ScannedFile list,
        Func<string[], string?> labelOf
    )
    {
        using SafeFileHandle? file = list.Open is null
            ? File.OpenHandle(list.File, options: FileOptions.RandomAccess)
            : null;
        using Stream content = file is null
            ? files.Content(list)
            : new FileSlice(file, 0, RandomAccess.GetLength(file));
        ParquetFooter.Check(content);
        ParquetReader reader = await ParquetReader
            .CreateAsync(content, null, leaveStreamOpen: true)
            .ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            DataField[] fields = [.. reader.Schema.DataFields.Where(ParquetColumns.HasTexts)];
            DataField? names = Find(FileColumn);
            string? label = names is null ? null : labelOf([.. fields.Select(ParquetColumns.NameOf)]);
            if (names is null || label is null)
            {
                return null;
            }

            using JsonDocument? features = ParquetColumns.FeaturesOf(reader);
            DataField labels = Find(label)!;
            MetadataColumns columns = new(names, labels, ParquetColumns.NamesOf(features, labels), Find("group"));
            return await RowsAsync(list, reader, columns).ConfigureAwait(false);

            DataField? Find(string name) =>
                Array.Find(fields, field =>
                    ParquetColumns.NameOf(field).Equals(name, StringComparison.OrdinalIgnoreCase)
                );
        }
    }

    private static async Task<IReadOnlyList<MetadataRow>> RowsAsync(
        ScannedFile list,
        ParquetReader reader,
        MetadataColumns columns
    )
    {
        List<MetadataRow> all = [];
        for (int number = 0; number < reader.RowGroupCount; number++)
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(number);
            if (all.Count + rows.RowCount is < 0 or > ParquetImages.MostRows)
            {
                throw ParquetImages.Problem(list, $"it has more than {ParquetImages.MostRows:N0} rows; divide it");
            }

            int start = all.Count;
            string?[] paths = await TextsAsync(columns.Path).ConfigureAwait(false);
            string[][] labels = await ParquetColumns
                .ListsAsync(list, rows, columns.Label, columns.Classes)
                .ConfigureAwait(false);
            bool areLists = columns.Label.MaxRepetitionLevel > 0;
            string?[]? groups = columns.Group is DataField group ? await TextsAsync(group).ConfigureAwait(false) : null;
            all.AddRange(paths.Select((path, i) => new MetadataRow(start + i, path, labels[i], areLists, groups?[i])));

            Task<string?[]> TextsAsync(DataField column)
            {
                ParquetRowGroups.CheckSize(list, rows, column);
                return ParquetColumns.TextsAsync(list, rows, column, null);
            }
        }

        return all;
    }

    private sealed record MetadataColumns(DataField Path, DataField Label, string[]? Classes, DataField? Group);

    private sealed record MetadataRow(int Number, string? File, string[] Labels, bool IsList, string? Group);
}
