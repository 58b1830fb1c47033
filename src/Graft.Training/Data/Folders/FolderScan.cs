using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Lists a folder of images and reads labels and parts off its folders.</summary>
internal static class FolderScan
{
    /// <exception cref="GraftException">A folder cannot be read, or can be read in two ways.</exception>
    public static ScannedSet Read(string folder, ImageSetOptions options)
    {
        FolderListing listing = ImageFolder.List(
            folder,
            new()
            {
                Depth = options.Depth,
                Encoding = options.Data.Encoding,
                FollowLinks = options.FollowLinks,
            }
        );
        return DatasetFormat.InFolder(folder, [.. listing.Files.Select(Unlabelled)], options)
            ?? Label(listing, folder, options);
    }

    /// <summary>Reads labels and parts off the folders of a listing.</summary>
    /// <param name="listing">Files and folders.</param>
    /// <param name="folder">Name of the set in messages.</param>
    /// <param name="options">How the folders are read.</param>
    /// <exception cref="GraftException">The folders can be read in two ways.</exception>
    public static ScannedSet Label(FolderListing listing, string folder, ImageSetOptions options)
    {
        FolderLayout layout = FolderLayout.Of(
            FolderNode.Of(listing),
            folder,
            options.Data,
            mustSplit: options.LeastClasses > 1
        );
        Dictionary<string, ClassRoot> roots = layout.Roots.ToDictionary(root => root.Folder.Path);
        ClassFolder[] classes =
        [
            .. layout
                .Roots.SelectMany(root => root.Folder.Children)
                .Select(child => new ClassFolder(child.Path, child.Name)
                {
                    Problem = child.Listed!.Problem,
                    HasIgnored = child.Listed.HasIgnored,
                }),
        ];
        HashSet<string> known = [.. classes.Select(one => one.Path)];
        return new([.. listing.Files.Select(file => Label(file, roots, layout.InnerParts))])
        {
            ClassFolders = classes,
            Notes = layout.Notes,
            Warnings =
            [
                .. layout.Warnings,
                .. listing
                    .Folders.Where(one => one.Problem is not null && !known.Contains(one.Path))
                    .Select(one => $"the folder '{Printable.Text(one.Path)}' is left out: {one.Problem}"),
            ],
        };
    }

    // The label is the name of the folder below a root of classes.
    private static ScannedFile Label(
        FolderFile file,
        Dictionary<string, ClassRoot> roots,
        IReadOnlyDictionary<string, ImagePart> innerParts
    )
    {
        ImagePart? inner = null;
        ScannedFile scanned = Unlabelled(file);
        int end = file.Path.LastIndexOf('/');
        while (end > 0)
        {
            int start = file.Path.LastIndexOf('/', end - 1);
            inner = innerParts.TryGetValue(file.Path[..end], out ImagePart part) ? part : inner;
            if (roots.TryGetValue(start < 0 ? "" : file.Path[..start], out ClassRoot? root))
            {
                return scanned with { Label = file.Path[(start + 1)..end], Part = root.Part ?? inner };
            }

            end = start;
        }

        return scanned;
    }

    private static ScannedFile Unlabelled(FolderFile file) =>
        new(
            file.Path,
            file.File,
            null,
            null,
            file.Problem is null ? null : new RejectedImage(file.Path, file.Problem) { Fault = file.Fault }
        );
}
