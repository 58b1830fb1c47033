using System.Buffers;
using System.Text;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Studio;

/// <summary>Writes labels as the CSV file that trainings read: full paths, labels, parts and groups.</summary>
internal static class LabelList
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(",\"\r\n;|");

    /// <summary>Writes a new file.</summary>
    /// <param name="path">Path of the file, which must not exist.</param>
    /// <param name="rows">The images.</param>
    /// <param name="isMultiLabel">Whether an image may have several labels.</param>
    /// <exception cref="GraftException">The list cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<ListedRow> rows, bool isMultiLabel)
    {
        bool isMulti = isMultiLabel || rows.Any(row => row.Labels.Count != 1);
        bool hasParts = rows.Any(row => row.Part is not null);
        bool hasGroups = rows.Any(row => row.Group is not null);
        StringBuilder text = new();
        Row([
            "path",
            isMulti ? "labels" : "label",
            .. hasParts ? (string[])["split"] : [],
            .. hasGroups ? (string[])["group"] : [],
        ]);
        foreach (ListedRow row in rows)
        {
            Row([
                row.File,
                string.Join('|', row.Labels),
                .. hasParts ? (string[])[Name(row.Part)] : [],
                .. hasGroups ? (string[])[row.Group ?? ""] : [],
            ]);
        }

        Save(path, text.ToString());

        void Row(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');
    }

    private static string Name(ImagePart? part) =>
        part switch
        {
            ImagePart.Train => "train",
            ImagePart.Validation => "val",
            ImagePart.Test => "test",
            _ => "",
        };

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(s_special) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    // Written under another name and moved, so that no half list is ever read.
    private static void Save(string path, string text)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(temporary, text);
            File.Move(temporary, full, overwrite: false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new GraftException(
                $"'{Printable.Text(full)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}",
                error
            );
        }
    }
}

/// <summary>A row of a list.</summary>
/// <param name="File">Full path of the image.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Part">Its part of the data; null: it is drawn.</param>
/// <param name="Group">Images of one group stay together; null: it belongs to none.</param>
internal sealed record ListedRow(string File, IReadOnlyList<string> Labels, ImagePart? Part, string? Group);
