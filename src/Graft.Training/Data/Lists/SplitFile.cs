using CsvHelper;
using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>A run's split.csv: path, label and part of every image, in the order of the set.</summary>
public static class SplitFile
{
    /// <summary>Writes the file completely or not at all.</summary>
    internal static void Write(ImageSplit split, string path) => AtomicFile.Write(path, ToBytes(split));

    /// <summary>Content of the file.</summary>
    internal static byte[] ToBytes(ImageSplit split)
    {
        using MemoryStream stream = new();
        CsvWriterOptions options = new() { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };
        using (CsvWriter writer = CsvWriter.Create(stream, options, leaveOpen: true))
        {
            bool hasGroups = split.Images.Any(image => image.Group is not null);
            writer.WriteHeader(hasGroups ? ["path", "label", "split", "group"] : ["path", "label", "split"]);
            foreach (LabelledImage image in split.Images)
            {
                string part = PartName.Of(image.Part!.Value);
                writer.WriteRecord(
                    hasGroups ? [image.Name, image.Label, part, image.Group ?? ""] : [image.Name, image.Label, part]
                );
            }
        }

        return stream.ToArray();
    }

    /// <summary>Divides a set into the parts that a file names.</summary>
    /// <param name="path">Path of the split.csv.</param>
    /// <param name="set">The images of the file, and no others.</param>
    /// <exception cref="GraftException">The file cannot be read, or its images or labels differ from those of
    /// the set.</exception>
    public static ImageSplit Read(string path, ImageSet set)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(set);
        if (!File.Exists(path))
        {
            throw Problem(path, "there is no such file; correct its name");
        }

        Dictionary<string, SplitRow> rows = ReadRows(path);
        LabelledImage? unknown = set.Images.FirstOrDefault(image =>
            !rows.TryGetValue(image.Name, out SplitRow row) || row.Label != image.Label
        );
        if (unknown is not null)
        {
            throw Problem(
                path,
                $"it does not have '{Printable.Text(unknown.Name)}' with the label '{Printable.Text(unknown.Label)}': "
                    + "the data have changed since; start a new run"
            );
        }

        if (rows.Count > set.Images.Length)
        {
            HashSet<string> known = [.. set.Images.Select(image => image.Name)];
            throw Problem(
                path,
                $"it has '{Printable.Text(rows.Keys.First(row => !known.Contains(row)))}', "
                    + "which the data no longer have; start a new run"
            );
        }

        return ImageSplit.FromParts(set, rows.ToDictionary(row => row.Key, row => row.Value.Part));
    }

    /// <summary>
    /// Name of the first image of a part; null where the part is empty.
    /// </summary>
    internal static string? FirstOf(string path, ImagePart part) =>
        ReadRows(path).Where(row => row.Value.Part == part).Select(row => row.Key).FirstOrDefault();

    /// <summary>What the file says of each image, by its name.</summary>
    internal static Dictionary<string, SplitRow> ReadRows(string path)
    {
        Dictionary<string, SplitRow> rows = new(StringComparer.Ordinal);
        try
        {
            using CsvReader reader = CsvReader.Create(
                new StringReader(TextFile.Read(path)),
                new CsvReaderOptions { Separator = ',', MalformedData = CsvMalformedDataHandling.Throw }
            );
            reader.ReadHeader();
            bool hasGroups = reader.TryGetFieldIndex("group", out _);
            while (reader.Read())
            {
                string group = hasGroups ? reader.GetString("group") : "";
                ImagePart part =
                    PartName.Find(reader.GetString("split"))
                    ?? throw Problem(path, $"row {reader.RowNumber} names no part; start a new run");
                rows[reader.GetString("path")] = new(reader.GetString("label"), part, group.Length == 0 ? null : group);
            }
        }
        catch (Exception error)
            when (error
                    is CsvFormatException
                        or IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or KeyNotFoundException
            )
        {
            throw Problem(path, "it is no CSV with the columns path, label and split; start a new run", error);
        }

        return rows;
    }

    private static GraftException Problem(string path, string reason, Exception? inner = null) =>
        new($"'{Printable.Text(path)}' cannot be used: {reason}", inner);
}
