namespace Graft.Training.Data;

/// <summary>
/// Hugging Face's Parquet files: a column of images with their bytes, and a column of labels. The names of the files
/// tell their parts: train-00000-of-00002.parquet. Layout: huggingface.co/docs/hub/datasets-image and the schema's
/// metadata that huggingface/datasets writes.
/// </summary>
internal static class ParquetFolder
{
    private const string Extension = ".parquet";

    /// <summary>True for a file that begins as Parquet does.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) => start.StartsWith("PAR1"u8);

    /// <summary>The images of a folder of Parquet files; null for any other folder.</summary>
    public static RecognisedImages? Read(IReadOnlyList<ScannedFile> files)
    {
        ScannedFile[] tables =
        [
            .. files.Where(file => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)),
        ];
        string what =
            tables.Length == 1 ? "a folder with a Parquet file" : $"a folder of {tables.Length} Parquet files";
        return tables.Length == 0 || files.Any(file => file.IsNamedImage) ? null : Read(tables, what);
    }

    /// <summary>The images of one Parquet file.</summary>
    /// <exception cref="GraftException">It cannot be read, or has no images and labels.</exception>
    public static RecognisedImages Read(string file) =>
        Read([new(Path.GetFileName(file), file, null, null)], "a Parquet file");

    private static RecognisedImages Read(ScannedFile[] tables, string what)
    {
        List<ParquetRows> all = [];
        foreach (ScannedFile table in tables)
        {
            ImagePart? part = ListedImages.PartOf(table.Path) ?? PartNames.In(DatasetFiles.NameOf(table.Path));
            all.Add(ParquetImages.Read(table, part));
        }

        // a row without a label may lack its image too; an empty list is an answer
        int without = all.Where(rows => !rows.AreLists).Sum(rows => rows.Unlabelled.Count);
        return new($"{what} of images and labels", Ordered(all.SelectMany(rows => rows.Images)))
        {
            Unlabelled = Ordered(all.Where(rows => rows.AreLists).SelectMany(rows => rows.Unlabelled)),
            HasLabelLists = all.Any(rows => rows.AreLists),
            Warnings = without == 0 ? [] : [$"{without:N0} rows have no image or no label and are left out"],
        };
    }

    private static ScannedFile[] Ordered(IEnumerable<ScannedFile> images) =>
        [.. images.OrderBy(image => image.Path, StringComparer.Ordinal)];
}
