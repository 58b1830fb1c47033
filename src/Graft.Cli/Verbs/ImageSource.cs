using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>The argument FOLDER of the verbs that read labelled images.</summary>
internal static class ImageSource
{
    public const string Description =
        "A folder with one subfolder per class, or with train, val and test folders of these; a CSV file: "
        + "path,label[,split][,group]; an archive; or another tool's list (COCO, Parquet ...)";

    /// <exception cref="GraftException">Nothing has that name.</exception>
    public static void Require(string images)
    {
        if (!Path.Exists(images))
        {
            throw new GraftException(
                $"'{Printable.Text(images)}' cannot be used: there is no such file or folder; correct its name"
            );
        }
    }
}
