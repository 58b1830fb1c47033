using CsvHelper;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Reads a CSV file <c>path,label[,split][,group]</c>: a header, and one image per row with a path relative to the
/// file's folder.
/// </summary>
internal sealed class CsvList
{
    private const int LongestRow = 1 << 16;

    private readonly string csv;
    private readonly string? encoding;
    private readonly string folder;
    private int linesBefore; // a first line "sep=;"
    private readonly Dictionary<string, (ScannedFile Image, long Row)> rows = new(StringComparer.Ordinal);

    private CsvList(string csv, string? encoding)
    {
        (this.csv, this.encoding) = (csv, encoding);
        folder = Path.GetDirectoryName(Path.GetFullPath(csv))!;
    }

    /// <summary>The rows in ordinal order of their paths.</summary>
    /// <param name="csv">Path of the file.</param>
    /// <param name="encoding">Encoding of a file without a byte order mark; null: UTF-8.</param>
    /// <exception cref="GraftException">The file cannot be read, a column is missing, a value is unknown, or two
    /// rows contradict each other.</exception>
    public static ScannedSet Read(string csv, string? encoding = null)
    {
        CsvList list = new(csv, encoding);
        try
        {
            int repeated = list.ReadRows(out CsvLabels labels);
            IEnumerable<ScannedFile> images = list.rows.Values.Select(row => row.Image);
            return new([.. images.OrderBy(image => image.Path, StringComparer.Ordinal)])
            {
                Warnings =
                [
                    .. labels.Unused.Select(name =>
                        $"the column '{Printable.Text(name)}' of '{Printable.Text(csv)}' has no 1: it is no class"
                    ),
                    .. repeated == 0
                        ? Array.Empty<string>()
                        :
                        [
                            $"'{Printable.Text(csv)}' names an image twice in {repeated} "
                                + $"{(repeated == 1 ? "row" : "rows")}; each is used once",
                        ],
                ],
            };
        }
        catch (CsvFormatException error)
        {
            throw list.Problem(
                $"line {error.LineNumber + list.linesBefore} is not CSV: a quote is not closed, "
                    + $"or the line has over {LongestRow:N0} bytes; correct it",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw list.Problem(
                error is UnauthorizedAccessException
                    ? "it may not be read; change its permissions"
                    : "it could not be read; check the disk",
                error
            );
        }
    }

    private int ReadRows(out CsvLabels labels)
    {
        string text = TextFile.Read(csv, encoding, "Data.Encoding");
        string table = CsvSeparator.WithoutStatement(text);
        linesBefore = table.Length < text.Length ? 1 : 0;
        using CsvReader reader = CsvReader.Create(
            new StringReader(table),
            new CsvReaderOptions
            {
                Separator = CsvSeparator.Of(text, "path", "label", "labels", "split"),
                TrimWhitespace = true,
                MalformedData = CsvMalformedDataHandling.Throw,
                MaxRecordSize = LongestRow,
                TrackLineNumbers = true,
            }
        );
        reader.ReadHeader();
        if (reader.Headers.Count == 0)
        {
            throw Problem("it is empty; write a header, path,label or path,label,split, and one image a row");
        }

        int pathColumn = Column(reader, "path");
        labels = CsvLabels.Find(reader) ?? throw NoColumn(reader, "label");
        int splitColumn = reader.TryGetFieldIndex("split", out int split) ? split : -1;
        int groupColumn = reader.TryGetFieldIndex("group", out int group) ? group : -1;
        IgnoreList ignored = IgnoreList.Read(folder, encoding);
        int repeated = 0;
        while (reader.Read())
        {
            ScannedFile image = ToCandidate(reader, pathColumn, labels, splitColumn);
            string name = groupColumn < 0 ? "" : reader.GetString(groupColumn);
            image = image with { Group = name.Length == 0 ? null : name };
            if (!ignored.Contains(image.Path) && !Add(image, reader.LineNumber + linesBefore))
            {
                repeated++;
            }
        }

        return repeated;
    }

    private int Column(CsvReader reader, string name) =>
        reader.TryGetFieldIndex(name, out int column) ? column : throw NoColumn(reader, name);

    private GraftException NoColumn(CsvReader reader, string name) =>
        Problem(
            $"it has no column '{name}', only '{Printable.Text(string.Join("', '", reader.Headers))}'; "
                + "name it in the header: path,label or path,label,split"
        );

    private ScannedFile ToCandidate(CsvReader reader, int pathColumn, CsvLabels labels, int splitColumn)
    {
        long row = reader.LineNumber + linesBefore;
        string listed = reader.GetString(pathColumn);
        string split = splitColumn < 0 ? "" : reader.GetString(splitColumn);
        if (listed.Length == 0)
        {
            throw Problem($"line {row} has no path; fill it in or delete the row");
        }

        LabelList own = LabelList.Of(labels.Read(reader, row, reason => Problem(reason)));

        if (listed.Contains('\0'))
        {
            throw Problem($"line {row} has a path with a zero byte in it; correct it");
        }

        if (split.Length > 0 && PartName.Find(split) is null)
        {
            throw Problem($"line {row} has the split '{Printable.Text(split)}'; write {PartName.All}, or nothing");
        }

        string file = Path.Combine(folder, listed);
        if (!File.Exists(file) && listed.Contains('\\'))
        {
            file = Path.Combine(folder, listed.Replace('\\', '/')); // the file was written on Windows
        }

        file = Path.GetFullPath(file);
        string path = Identity(file);
        RejectedImage? problem = File.Exists(file)
            ? null
            : new(path, $"line {row} of the CSV names it, and there is no such file; correct or delete it")
            {
                Fault = ImageFault.Missing,
            };
        return new ScannedFile(path, file, $"{own}", PartName.Find(split), problem) { IsListed = true, Labels = own };
    }

    // "a/b.jpg" and "./a/b.jpg" are one image.
    private string Identity(string file)
    {
        string relative = Path.GetRelativePath(folder, file);
        return relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    private bool Add(ScannedFile image, long row)
    {
        if (rows.TryAdd(image.Path, (image, row)))
        {
            return true;
        }

        (ScannedFile other, long otherRow) = rows[image.Path];
        if (other.Label != image.Label)
        {
            throw Problem(
                $"lines {otherRow} and {row} call '{Printable.Text(image.Path)}' both "
                    + $"'{Printable.Text(other.Label!)}' and '{Printable.Text(image.Label!)}'; keep one"
            );
        }

        if (other.Part != image.Part)
        {
            throw Problem($"lines {otherRow} and {row} put '{Printable.Text(image.Path)}' into two splits; keep one");
        }

        return other.Group == image.Group
            ? false
            : throw Problem($"lines {otherRow} and {row} put '{Printable.Text(image.Path)}' into two groups; keep one");
    }

    private GraftException Problem(string reason, Exception? inner = null) =>
        new($"'{Printable.Text(csv)}' cannot be used: {reason}", inner);
}
