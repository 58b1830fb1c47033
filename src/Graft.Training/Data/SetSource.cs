using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Tells what a path names, and reads what it says of images, labels and parts.</summary>
internal static class SetSource
{
    /// <exception cref="GraftException">Nothing has that name, or what it names cannot be read.</exception>
    public static ScannedSet Scan(string path, ImageSetOptions options)
    {
        OptionProblems problems = new();
        options.Data.Check(problems.Within(nameof(TrainingOptions.Data)));
        problems.ThrowIfAny();
        ScannedSet scanned = Read(path, options);
        return !options.Data.CropBoxes || scanned.AreCropped
            ? scanned
            : throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it has no COCO annotations whose boxes could be cropped; "
                    + "do not ask for boxes"
            )
            {
                Option = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.CropBoxes)}",
            };
    }

    private static ScannedSet Read(string path, ImageSetOptions options)
    {
        if (Directory.Exists(path))
        {
            return FolderScan.Read(path, options);
        }

        return File.Exists(path)
            ? DatasetFormat.InFile(path, options) ?? CsvList.Read(path, options.Data.Encoding)
            : throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: there is no such file or folder; "
                    + (path.Contains('\uFFFD') ? "its name is not UTF-8, rename it" : "correct its name")
            );
    }
}
