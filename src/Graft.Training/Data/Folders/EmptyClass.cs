using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>A class, or a folder that is read as one, without a usable image.</summary>
/// <param name="Name">What it is, as in "the folder 'nut'".</param>
/// <param name="Label">The class.</param>
/// <param name="Reason">Why it gives no image.</param>
internal sealed record EmptyClass(string Name, string Label, string Reason)
{
    /// <summary>True if the reason says how to mend it.</summary>
    public bool HasWayOut { get; init; }

    /// <summary>
    /// The classes without a usable image: folders, or where there are none the classes that a list names. Folders that
    /// are empty because of ignore.txt are left out.
    /// </summary>
    public static IReadOnlyList<EmptyClass> Find(
        IReadOnlyList<ClassFolder> folders,
        IReadOnlyList<Examined> examined
    ) => folders.Count > 0 ? InFolders(folders, examined) : InList(examined);

    /// <summary>The class folder among <paramref name="paths"/> that a file lies in; null where none is.</summary>
    public static string? FolderOf(string name, HashSet<string> paths)
    {
        for (int end = name.LastIndexOf('/'); end > 0; end = name.LastIndexOf('/', end - 1))
        {
            if (paths.Contains(name[..end]))
            {
                return name[..end];
            }
        }

        return null;
    }

    private static EmptyClass[] InList(IReadOnlyList<Examined> examined) =>
        [
            .. examined
                .Where(one => one.Label is not null)
                .GroupBy(one => one.Label!)
                .Where(files => files.All(one => one.Image is null))
                .Select(files => new EmptyClass(
                    $"the class '{Printable.Text(files.Key)}'",
                    files.Key,
                    ReasonOf([.. files])
                )),
        ];

    private static EmptyClass[] InFolders(IReadOnlyList<ClassFolder> folders, IReadOnlyList<Examined> examined)
    {
        HashSet<string> paths = [.. folders.Select(one => one.Path)];
        HashSet<string> used =
        [
            .. examined
                .Select(one => one.Image?.Name)
                .OfType<string>()
                .Select(name => FolderOf(name, paths))
                .OfType<string>(),
        ];
        ILookup<string?, Examined> others = examined
            .Where(one => one.Image is null)
            .ToLookup(one => FolderOf(one.Rejected?.Path ?? one.NotAnImage!, paths));
        return
        [
            .. folders
                .Where(one => !used.Contains(one.Path))
                .Where(one => !(one.HasIgnored && !others[one.Path].Any()))
                .Select(one => new EmptyClass(
                    $"the folder '{Printable.Text(one.Path)}'",
                    one.Label,
                    one.Problem ?? ReasonOf([.. others[one.Path]])
                )
                {
                    HasWayOut = one.Problem is not null,
                }),
        ];
    }

    private static string ReasonOf(Examined[] files)
    {
        if (files.Length == 0)
        {
            return "it is empty";
        }

        RejectedImage? first = files.Select(one => one.Rejected).OfType<RejectedImage>().FirstOrDefault();
        if (first is null)
        {
            string counted = Extensions.Count(files.Select(one => one.NotAnImage!));
            return $"none of its files is an image that is read ({counted})";
        }

        int rejected = files.Count(one => one.Rejected is not null);
        string example = $"'{Printable.Text(first.Path)}': {CauseOf(first)}";
        return rejected == 1
            ? $"its only image is {example}"
            : $"none of its {rejected:N0} images is usable; the first is {example}";
    }

    // without the way out, which is another for a whole folder
    private static string CauseOf(RejectedImage image) => image.Reason.Split("; ")[0];
}
