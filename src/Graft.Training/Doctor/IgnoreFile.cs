using System.Text;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>How <see cref="IgnoreFile.Add"/> changed the file.</summary>
/// <param name="Path">Path of the ignore.txt.</param>
/// <param name="Added">Number of entries added, comments not counted.</param>
public sealed record IgnoreFileChange(string Path, int Added);

/// <summary>
/// The ignore.txt of a set of images, which lists the files that later trainings leave out. Nothing is deleted.
/// </summary>
public static class IgnoreFile
{
    /// <summary>
    /// Adds unusable images and those that leak between parts as entries, and doubtful images as comments.
    /// </summary>
    /// <param name="report">A report of <see cref="DataDoctor"/> about a folder or list.</param>
    /// <exception cref="ArgumentException">The report was read from a file: it has no images.</exception>
    /// <exception cref="GraftException">The file cannot be written.</exception>
    public static IgnoreFileChange Add(DataReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ImageSet set = report.Set
            ?? throw new ArgumentException("the report has no images: examine them again", nameof(report));
        (string path, int added) = Write(
            set.Source,
            report,
            set.Images.ToDictionary(image => image.Name, image => image.Part),
            set.Encoding
        );
        return new(path, added);
    }

    /// <summary>Adds the lines that the file does not have yet.</summary>
    /// <param name="source">The set's folder or CSV file.</param>
    /// <param name="report">The findings.</param>
    /// <param name="parts">The part of each image, by path.</param>
    /// <param name="encoding">Encoding of a file that is no UTF-8 yet; null: such a file is refused.</param>
    /// <returns>Path of the file, and the number of entries added without comments.</returns>
    /// <exception cref="GraftException">The file cannot be written.</exception>
    internal static (string Path, int Added) Write(
        string source,
        DataReport report,
        IReadOnlyDictionary<string, ImagePart?> parts,
        string? encoding = null
    )
    {
        string folder = Directory.Exists(source) ? source : Path.GetDirectoryName(Path.GetFullPath(source))!;
        string path = Path.Combine(folder, IgnoreList.FileName);
        try
        {
            string before = File.Exists(path) ? IgnoreList.Text(path, encoding) : "";
            HashSet<string> known = [.. before.Split('\n').Select(line => line.Trim())];
            string[] entries =
            [
                .. report
                    .Findings.Select(finding => Line(finding, parts))
                    .OfType<string>()
                    .Distinct()
                    .Where(line => !known.Contains(line)),
            ];
            if (entries.Length > 0)
            {
                string gap = before.Length == 0 || before.EndsWith('\n') ? "" : "\n";
                AtomicFile.Write(path, before + gap + string.Join('\n', entries) + '\n');
            }

            return (path, entries.Count(line => line[0] != '#'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + "change the folder's permissions",
                error
            );
        }
    }

    /// <summary>
    /// The entry for one file: its path from the set's folder, with '?' for characters that a line cannot hold. Only
    /// such an entry may match other files too.
    /// </summary>
    internal static string Entry(string path)
    {
        StringBuilder entry = new("/");
        foreach (char c in path)
        {
            entry.Append(char.IsControl(c) || c == '\\' ? '?' : c);
        }

        if (char.IsWhiteSpace(entry[^1]))
        {
            entry[^1] = '?'; // lines are trimmed
        }

        return entry.ToString();
    }

    private static string? Line(Finding finding, IReadOnlyDictionary<string, ImagePart?> parts) =>
        finding switch
        {
            { Severity: Severity.LeftOut, Kind: not FindingKind.Missing } => Entry(finding.Path),
            { Scope: PairScope.AcrossParts } => Entry(TrainedOnOf(finding, parts)),
            {
                Severity: Severity.Warning,
                Kind: FindingKind.WrongLabel or FindingKind.MissingLabel or FindingKind.Tiny or FindingKind.Blank
            }
            or { Scope: not null } => $"# {Entry(finding.Path)}   {DataReport.Words(finding.Kind)}: {finding.Text}",
            _ => null,
        };

    // The image of a leaking pair that is trained on. It goes; the one that evaluates stays.
    private static string TrainedOnOf(Finding pair, IReadOnlyDictionary<string, ImagePart?> parts)
    {
        ImagePart? Of(string path) => parts.GetValueOrDefault(path);
        return
            Of(pair.Path) == ImagePart.Train
            || (Of(pair.Path) == ImagePart.Validation && Of(pair.Other!) == ImagePart.Test)
            ? pair.Path
            : pair.Other!;
    }
}
