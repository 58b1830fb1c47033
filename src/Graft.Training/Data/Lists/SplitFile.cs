using CsvHelper;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>A run's split.csv: path, label or labels, and part of every image, in the order of the set.</summary>
public static class SplitFile
{
    private const string SeveralColumn = "labels";

    /// <summary>Writes the file completely or not at all.</summary>
    internal static void Write(ImageSplit split, string path) => AtomicFile.Write(path, ToBytes(split));

    /// <summary>The column of the label, or of the labels with ";" between them.</summary>
    internal static string LabelColumn(ClassificationTask task) =>
        task == ClassificationTask.MultiLabel ? SeveralColumn : "label";

    /// <summary>Content of the file.</summary>
    internal static byte[] ToBytes(ImageSplit split)
    {
        using MemoryStream stream = new();
        CsvWriterOptions options = new() { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };
        using (CsvWriter writer = CsvWriter.Create(stream, options, leaveOpen: true))
        {
            bool hasGroups = split.Images.Any(image => image.Group is not null);
            string label = LabelColumn(split.Set.Task);
            writer.WriteHeader(hasGroups ? ["path", label, "split", "group"] : ["path", label, "split"]);
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
            !rows.TryGetValue(image.Name, out SplitRow row) || $"{row.Labels}" != image.Label
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
    /// The images that a run used. A set may have others, which the run found unusable.
    /// </summary>
    /// <exception cref="GraftException">The file cannot be read, or an image of it is gone or has another
    /// label.</exception>
    internal static ImageSplit ReadUsed(string path, ImageSet set)
    {
        if (!File.Exists(path))
        {
            throw Problem(path, "there is no such file; the run has not read its images yet");
        }

        Dictionary<string, SplitRow> rows = ReadRows(path);
        HashSet<string> found =
        [
            .. set
                .Images.Where(image => rows.TryGetValue(image.Name, out SplitRow row) && $"{row.Labels}" == image.Label)
                .Select(image => image.Name),
        ];
        if (rows.Keys.FirstOrDefault(name => !found.Contains(name)) is string missing)
        {
            throw Problem(
                path,
                $"it has '{Printable.Text(missing)}', which the data no longer have with its label; train again"
            );
        }

        RejectedImage[] others =
        [
            .. set
                .Images.Where(image => !found.Contains(image.Name))
                .Select(image => new RejectedImage(image.Name, "not used by the run")),
        ];
        Dictionary<string, ImagePart> parts = set.Images.ToDictionary(
            image => image.Name,
            image => found.Contains(image.Name) ? rows[image.Name].Part : ImagePart.Train
        );
        return ImageSplit.FromParts(set, parts).Without(others);
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
            ClassificationTask task = reader.TryGetFieldIndex(SeveralColumn, out _)
                ? ClassificationTask.MultiLabel
                : ClassificationTask.SingleLabel;
            string labelColumn = LabelColumn(task);
            while (reader.Read())
            {
                string group = hasGroups ? reader.GetString("group") : "";
                ImagePart part = PartName.Find(reader.GetString("split"))
                    ?? throw Problem(path, $"row {reader.RowNumber} names no part; start a new run");
                rows[reader.GetString("path")] = new(
                    LabelList.Parse(reader.GetString(labelColumn), task),
                    part,
                    group.Length == 0 ? null : group
                );
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
