using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>What an archive holds.</summary>
/// <param name="Kind">What it is, as in "a zip archive".</param>
/// <param name="Files">Files in ordinal order of their paths, without labels.</param>
/// <param name="Folders">Folders, those with files and those without.</param>
internal sealed record Archive(string Kind, IReadOnlyList<ScannedFile> Files, IReadOnlySet<string> Folders)
{
    /// <summary>Reads labels and parts off the folders, as from a folder on disk.</summary>
    /// <param name="archive">The archive as it was given.</param>
    /// <param name="beside">The folder it lies in, whose ignore.txt counts.</param>
    /// <param name="options">How the folders are read.</param>
    /// <exception cref="GraftException">The folders can be read in two ways.</exception>
    public ScannedSet ReadFolders(string archive, string beside, ImageSetOptions options)
    {
        IgnoreList ignored = IgnoreList.Read(beside, options.Data.Encoding);
        Dictionary<string, ScannedFile> files = Files
            .Where(file => !ignored.Contains(file.Path))
            .ToDictionary(file => file.Path, StringComparer.Ordinal);
        HashSet<string> emptied =
        [
            .. Files.Where(file => !files.ContainsKey(file.Path)).SelectMany(file => FoldersOf(file.Path)),
        ];
        FolderListing listing = new(
            [.. Files.Where(file => files.ContainsKey(file.Path)).Select(file => new FolderFile(file.Path, ""))],
            [
                .. Folders
                    .Order(StringComparer.Ordinal)
                    .Select(path => new ListedFolder(path) { HasIgnored = emptied.Contains(path) }),
            ]
        );
        ScannedSet scanned = FolderScan.Label(listing, archive, options);
        return scanned with
        {
            Files = [.. scanned.Files.Select(file => file with { Open = files[file.Path].Open })],
            Notes = [$"'{Printable.Text(archive)}' is read as {Kind} of class folders", .. scanned.Notes],
        };
    }

    /// <summary>The folders above a file.</summary>
    public static IEnumerable<string> FoldersOf(string path)
    {
        for (int slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
