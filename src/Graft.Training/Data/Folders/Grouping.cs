using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Gives images the groups that <see cref="DataOptions.GroupBy"/> asks for.</summary>
internal static class Grouping
{
    /// <summary>The images with their groups, and what the user should know of them.</summary>
    /// <param name="source">Name of the set in messages.</param>
    /// <exception cref="GraftException">No image has a group.</exception>
    public static (LabelledImage[] Images, string? Note) Apply(
        LabelledImage[] images,
        DataOptions options,
        IReadOnlyList<ClassFolder> folders,
        string source
    )
    {
        if (options.GroupBy is not null)
        {
            Func<LabelledImage, string?> groupOf =
                options.GroupBy == DataOptions.ByFolder ? ByFolder(folders) : ByExpression(options.GroupBy);
            images = [.. images.Select(image => image with { Group = image.Group ?? groupOf(image) })];
            if (images.Length > 0 && Array.TrueForAll(images, image => image.Group is null))
            {
                throw new GraftException(
                    $"'{Printable.Text(source)}' cannot be grouped: "
                        + (
                            options.GroupBy == DataOptions.ByFolder
                                ? "no image lies in a folder below its class's folder; make such folders"
                                : $"'{Printable.Text(options.GroupBy)}' is found in no image's name, such as "
                                    + $"'{Printable.Text(images[0].Name)}'; correct the expression"
                        )
                )
                {
                    Option = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.GroupBy)}",
                };
            }
        }

        int alone = images.Count(image => image.Group is null);
        int groups = images.Select(image => image.Group).OfType<string>().Distinct().Count();
        return groups == 0
            ? (images, null)
            : (
                images,
                $"{groups:N0} {(groups == 1 ? "group" : "groups")} of images, each kept on one side of every split"
                    + (alone == 0 ? "" : $"; {alone:N0} images belong to none")
            );
    }

    // In a list, the folder that an image lies in, unless that is the class's.
    private static Func<LabelledImage, string?> ByFolder(IReadOnlyList<ClassFolder> folders)
    {
        HashSet<string> paths = [.. folders.Select(one => one.Path)];
        return image =>
        {
            string[] names = image.Name.Split('/');
            if (EmptyClass.FolderOf(image.Name, paths) is string path)
            {
                int below = path.Count(c => c == '/') + 1;
                return below < names.Length - 1 ? names[below] : null;
            }

            return names.Length > 1 && !image.Labels.Contains(names[^2]) ? names[^2] : null;
        };
    }

    private static Func<LabelledImage, string?> ByExpression(string groupBy)
    {
        Regex expression = DataOptions.Expression(groupBy);
        return image =>
            expression.Match(image.Name) is { Success: true } match && match.Groups[1].Success
                ? match.Groups[1].Value
                : null;
    }
}
