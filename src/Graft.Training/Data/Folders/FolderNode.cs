using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>A folder of a listing, with what lies below it.</summary>
internal sealed class FolderNode
{
    private readonly SortedDictionary<string, FolderNode> children = new(StringComparer.Ordinal);

    private FolderNode(string path) => Path = path;

    /// <summary>Path relative to the set's folder, with '/'; empty for that folder itself.</summary>
    public string Path { get; }

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The folder in the listing; null for the set's folder itself.</summary>
    public ListedFolder? Listed { get; private set; }

    /// <summary>Number of files named as pictures directly in the folder.</summary>
    public int OwnImages { get; private set; }

    /// <summary>Number of files named as pictures in the folder and below it.</summary>
    public int Images { get; private set; }

    /// <summary>Number of files of any kind in the folder and below it.</summary>
    public int Files { get; private set; }

    /// <summary>The folders in it.</summary>
    public IReadOnlyCollection<FolderNode> Children => children.Values;

    /// <summary>The folders in it that hold pictures.</summary>
    public IReadOnlyList<FolderNode> Filled => [.. children.Values.Where(child => child.Images > 0)];

    /// <summary>The folders in it that may be classes: those that hold pictures, or nothing.</summary>
    public IReadOnlyList<FolderNode> Plausible =>
        [
            .. children.Values.Where(child =>
                child.Images > 0 || (child.Files == 0 && child.Listed is not { HasIgnored: true })
            ),
        ];

    public static FolderNode Of(FolderListing listing)
    {
        FolderNode root = new("");
        foreach (ListedFolder folder in listing.Folders)
        {
            root.At(folder.Path).Listed = folder;
        }

        foreach (FolderFile file in listing.Files)
        {
            int slash = file.Path.LastIndexOf('/');
            root.Count(slash < 0 ? "" : file.Path[..slash], file.IsNamedImage);
        }

        return root;
    }

    private FolderNode At(string path)
    {
        FolderNode node = this;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!node.children.TryGetValue(name, out FolderNode? child))
            {
                child = new(node.Path.Length == 0 ? name : $"{node.Path}/{name}");
                node.children.Add(name, child);
            }

            node = child;
        }

        return node;
    }

    private void Count(string folder, bool isImage)
    {
        FolderNode node = this;
        node.Add(isImage);
        foreach (string name in folder.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node = node.children[name];
            node.Add(isImage);
        }

        node.OwnImages += isImage ? 1 : 0;
    }

    private void Add(bool isImage)
    {
        Files++;
        Images += isImage ? 1 : 0;
    }
}
