using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Hugging Face's imagefolder: <c>metadata.csv</c>, <c>.jsonl</c> or <c>.parquet</c> with a column <c>file_name</c>,
/// beside the images or in each split's folder. Layout: huggingface.co/docs/datasets/image_dataset.
/// </summary>
internal static class HuggingFaceMetadata
{
    private const string FileColumn = "file_name";

    private static readonly string[] LabelColumns = ["label", "labels", "class", "class_name", "category", "target"];

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ListedImages images = new(files);
        bool isKnown = false;
        foreach (ScannedFile list in files.Lists("metadata.csv"))
        {
            isKnown |= ReadCsv(files, list, images);
        }

        foreach (ScannedFile list in files.Lists("metadata.jsonl"))
        {
            isKnown |= ReadLines(files, list, images);
        }

        foreach (ScannedFile list in files.Lists("metadata.parquet"))
        {
            isKnown |= ParquetMetadata.Read(files, list, images, columns => LabelOf(files, list, columns));
        }

        return isKnown ? images.As($"{files.Container} with Hugging Face metadata (imagefolder)") : null;
    }

    private static bool ReadCsv(DatasetFiles files, ScannedFile list, ListedImages images)
    {
        if (!ListText.Start(list).Split('\n')[0].Contains(FileColumn, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        CsvTable table = CsvTable.Of(files, list);
        if (table.Column(FileColumn) is not int fileColumn)
        {
            return false;
        }

        string? name = LabelOf(files, list, [.. table.Headers]);
        if (name is null)
        {
            return false;
        }

        int labelColumn = table.Column(name)!.Value;
        int? groupColumn = table.Column("group");
        foreach ((long line, string[] values) in table.Rows())
        {
            string listed = values[fileColumn];
            string? group = groupColumn is int column ? values[column] : null;
            images.Add(list, $"line {line}", listed, files.Find(list, listed), [values[labelColumn]], group: group);
        }

        return true;
    }

    private static bool ReadLines(DatasetFiles files, ScannedFile list, ListedImages images)
    {
        string? name = null;
        foreach ((int number, string text) in files.Lines(list).Where(line => !string.IsNullOrWhiteSpace(line.Text)))
        {
            JsonElement row = files.JsonOf(list, number, text);
            string? listed = row.Member(FileColumn).Text();
            if (name is null)
            {
                string[] columns = [.. ((JsonElement?)row).Members().Select(member => member.Name)];
                name = listed is null ? null : LabelOf(files, list, columns);
                if (name is null)
                {
                    return false;
                }
            }

            if (listed is null)
            {
                throw files.Problem($"line {number} of {DatasetFiles.Quoted(list)} has no '{FileColumn}'; fill it in");
            }

            images.Add(
                list,
                $"line {number}",
                listed,
                files.Find(list, listed),
                Labels(row.Member(name)),
                group: row.Member("group").Text()
            );
        }

        return name is not null;
    }

    private static string[] Labels(JsonElement? value) =>
        value?.ValueKind == JsonValueKind.Array
            ? [.. value.Elements().Select(one => ((JsonElement?)one).Text()).OfType<string>()]
        : value.Text() is string label ? [label]
        : [];

    // Null where the metadata have no label and the images lie in class folders, as imagefolder allows.
    private static string? LabelOf(DatasetFiles files, ScannedFile list, string[] columns)
    {
        string? known = LabelColumns.FirstOrDefault(name => columns.Contains(name, StringComparer.OrdinalIgnoreCase));
        string[] others =
        [
            .. columns.Where(name => !name.Equals(FileColumn, StringComparison.OrdinalIgnoreCase) && name != "group"),
        ];
        if (known is not null)
        {
            return known;
        }

        string folder = DatasetFiles.FolderOf(list.Path);
        bool haveFolders = files.All.Any(file =>
            file.IsNamedImage
            && file.Path.StartsWith(folder, StringComparison.Ordinal)
            && file.Path.IndexOf('/', folder.Length) >= 0
        );
        return others.Length == 1 && !haveFolders ? others[0]
            : haveFolders ? null
            : throw files.Problem(
                $"{DatasetFiles.Quoted(list)} has no column 'label', only "
                    + $"'{Printable.Text(string.Join("', '", columns))}'; call the column with the classes 'label'"
            );
    }
}
