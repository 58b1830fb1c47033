using System.Text;
using CsvHelper;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Run;

namespace Graft.Training.Data;

/// <summary>
/// The images of a run that continues from an earlier one: new and earlier images, in a CSV file of the new run.
/// </summary>
internal static class CombinedImages
{
    /// <summary>Name of the CSV file in the run's folder. It lists every image by its full path.</summary>
    public const string ImagesName = "images.csv";

    /// <summary>
    /// Lists path, label and split of all images. Earlier test images stay test images. New images get a test part of
    /// their own unless their data give one. The run draws the validation part from all others.
    /// </summary>
    /// <param name="imagesPath">Folder or CSV file of the new images.</param>
    /// <param name="from">The earlier model or the folder of its run. For a model without a run, the new images must
    /// have all its classes.</param>
    /// <param name="classes">Classes of the earlier model.</param>
    /// <returns>The CSV file, and notices for the user.</returns>
    /// <exception cref="GraftException">The new images cannot be used, or a class has no images.</exception>
    public static (byte[] Csv, IReadOnlyList<Notice> Notices) Combine(
        string imagesPath,
        string from,
        IReadOnlyList<string> classes,
        DataPlan plan,
        CancellationToken cancel
    )
    {
        List<Notice> notices = [];
        SortedDictionary<string, CombinedRow> rows = new(StringComparer.Ordinal);
        int gone = AddEarlier(rows, from, notices);
        int before = rows.Count;
        AddNew(rows, imagesPath, plan, notices, cancel);
        HashSet<string> labels = [.. rows.Values.SelectMany(row => row.Labels)];
        RequireClasses(labels, classes, from, hasRun: before > 0 || gone > 0);
        int news = labels.Count(label => !classes.Contains(label));
        notices.Insert(
            0,
            new Notice(
                $"Continued from '{Printable.Text(from)}': {before:N0} images of its {classes.Count} classes, "
                    + $"{rows.Count - before:N0} new images, {news} new {(news == 1 ? "class" : "classes")}."
            )
        );
        byte[] csv = ToBytes(rows);
        // the run reads its list as it reads the user's: the mark keeps another encoding away from it
        return (plan.Reading.Encoding is null ? csv : [.. Encoding.UTF8.Preamble, .. csv], notices);
    }

    private static void AddNew(
        SortedDictionary<string, CombinedRow> rows,
        string imagesPath,
        DataPlan plan,
        List<Notice> notices,
        CancellationToken cancel
    )
    {
        ImageSet added = ImageSet.Load(imagesPath, ImageSetOptions.Of(plan) with { LeastClasses = 1 }, cancel: cancel);
        added.RequireFewRejected(plan.RejectedLimit);
        notices.AddRange(added.Notes.Select(note => new Notice(note)));
        notices.AddRange(added.Warnings.Select(warning => new Notice(warning, IsWarning: true)));
        notices.AddRange(
            added.Rejected.Select(image => new Notice(
                $"'{Printable.Text(image.Path)}' is left out: {image.Reason}",
                IsWarning: true
            ))
        );
        ImageSplit split = ImageSplit.Create(added, SplitOptions.Of(plan));
        foreach (LabelledImage image in split.Images)
        {
            string file = Path.GetFullPath(image.File ?? throw InArchive(imagesPath));
            bool isTest = rows.TryGetValue(file, out CombinedRow earlier)
                ? earlier.IsTest
                : image.Part == ImagePart.Test;
            rows[file] = new(LabelList.Of(image.Labels), isTest, image.Group);
        }
    }

    private static void RequireClasses(HashSet<string> labels, IReadOnlyList<string> classes, string from, bool hasRun)
    {
        if (classes.FirstOrDefault(name => !labels.Contains(name)) is string lost)
        {
            string way = hasRun
                ? "put them back where its run found them"
                : "name its run's folder, whose split.csv lists them";
            throw new GraftException(
                $"'{Printable.Text(from)}' cannot be continued: "
                    + $"there are no images of its class '{Printable.Text(lost)}'; {way}, or add others"
            );
        }
    }

    /// <returns>Number of earlier images that no longer exist.</returns>
    private static int AddEarlier(SortedDictionary<string, CombinedRow> rows, string from, List<Notice> notices)
    {
        string full = Path.GetFullPath(from);
        string folder = Directory.Exists(full) ? full : Path.GetDirectoryName(full)!;
        string split = Path.Combine(folder, "split.csv");
        if (!RunOptions.Exist(folder) || !File.Exists(split))
        {
            return 0;
        }

        string images = RunOptions.Read(folder).Images;
        string root = Directory.Exists(images) ? images : Path.GetDirectoryName(images)!;
        int gone = 0;
        foreach ((string path, SplitRow row) in SplitFile.ReadRows(split))
        {
            string file = Path.GetFullPath(Path.Combine(root, path));
            if (File.Exists(file))
            {
                rows[file] = new(row.Labels, row.Part == ImagePart.Test, row.Group);
            }
            else
            {
                gone++;
            }
        }

        bool isArchive = File.Exists(images) && !images.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
        if (gone > 0 && rows.Count == 0 && isArchive)
        {
            throw InArchive(images);
        }

        if (gone > 0)
        {
            notices.Add(
                new(
                    $"{gone:N0} images of the earlier run no longer exist: the run continues without them.",
                    IsWarning: true
                )
            );
        }

        return gone;
    }

    private static GraftException InArchive(string path) =>
        new(
            $"'{Printable.Text(path)}' cannot continue an earlier run: its images lie inside an archive or a table; "
                + "convert them to files first"
        );

    private static byte[] ToBytes(SortedDictionary<string, CombinedRow> rows)
    {
        using MemoryStream stream = new();
        using (
            CsvWriter writer = CsvWriter.Create(
                stream,
                new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace },
                leaveOpen: true
            )
        )
        {
            bool hasGroups = rows.Values.Any(row => row.Group is not null);
            bool hasSeveral = rows.Values.Any(row => row.Labels.Count != 1);
            string label = SplitFile.LabelColumn(
                hasSeveral ? ClassificationTask.MultiLabel : ClassificationTask.SingleLabel
            );
            writer.WriteHeader(hasGroups ? ["path", label, "split", "group"] : ["path", label, "split"]);
            foreach ((string path, CombinedRow row) in rows)
            {
                string part = row.IsTest ? "test" : "train";
                string labels = $"{row.Labels}";
                writer.WriteRecord(hasGroups ? [path, labels, part, row.Group ?? ""] : [path, labels, part]);
            }
        }

        return stream.ToArray();
    }

    private readonly record struct CombinedRow(LabelList Labels, bool IsTest, string? Group);
}
