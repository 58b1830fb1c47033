using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Reads labels and parts from the names of folders: CLASS/..., or train|val|test/CLASS/..., either perhaps in a folder
/// of its own. Stops where that can be read in two ways.
/// </summary>
internal sealed class FolderLayout
{
    private const string LayoutOption = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.Layout)}";

    private readonly string folder;
    private readonly DataOptions options;
    private readonly List<string> notes = [];
    private readonly List<string> warnings = [];

    private FolderLayout(string folder, DataOptions options) => (this.folder, this.options) = (folder, options);

    /// <summary>The folders that hold classes.</summary>
    public IReadOnlyList<ClassRoot> Roots { get; private set; } = [];

    /// <summary>Parts by the paths of folders in the folders of classes.</summary>
    public IReadOnlyDictionary<string, ImagePart> InnerParts { get; private set; } =
        new Dictionary<string, ImagePart>();

    public IReadOnlyList<string> Notes => notes;

    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>Finds the folders of the classes.</summary>
    /// <param name="root">The folders that were found.</param>
    /// <param name="folder">Name of the set's folder in messages.</param>
    /// <param name="options">What the folders are.</param>
    /// <param name="mustSplit">True if one class is not enough.</param>
    /// <exception cref="GraftException">The folders can be read in two ways.</exception>
    public static FolderLayout Of(FolderNode root, string folder, DataOptions options, bool mustSplit)
    {
        FolderLayout found = new(folder, options);
        FolderNode start = options.Layout == DataLayout.Classes && !mustSplit ? root : found.Unwrapped(root);
        found.Roots = options.Layout switch
        {
            DataLayout.Classes => [new(start, null)],
            DataLayout.Parts => found.Parts(start),
            _ => found.Read(start),
        };
        return found;
    }

    private ClassRoot[] Read(FolderNode start)
    {
        Dictionary<string, ImagePart?> parts = PartName.FindAll([.. start.Filled.Select(child => child.Name)]);
        FolderNode[] named = [.. start.Filled.Where(child => parts[child.Name] is not null)];
        FolderNode[] others = [.. start.Filled.Except(named)];
        if (named.Length > 0 && others.Length == 0)
        {
            return Parts(start);
        }

        bool isMixed =
            named.Select(child => parts[child.Name]).Distinct().Count() > 1
            || Array.Exists(named, child => child.OwnImages == 0 && child.Filled.Count > 1);
        if (named.Length > 0 && isMixed)
        {
            throw Unclear(
                $"beside {FolderNames.Of(named)} lies {FolderNames.Of(others)} with images in it, so it is unclear "
                    + "which folders are classes; move that folder away, list it in ignore.txt, "
                    + "or choose the layout parts or classes"
            );
        }

        if (PartsOfClasses(start) is { Count: > 0 } inner)
        {
            InnerParts = inner;
            notes.Add("the folders in each class's folder are parts: " + FolderNames.Of([.. start.Filled[0].Filled]));
            return [new(start, null)];
        }

        // folders below the classes that are groups have the same names in several classes
        if (options.GroupBy != DataOptions.ByFolder && SharedNames(start.Filled) is { Count: > 1 } shared)
        {
            throw Unclear(
                $"{FolderNames.Of(start.Filled)} hold the same folders ({FolderNames.Of(shared)}), so they "
                    + $"are either {start.Filled.Count} classes, or parts of a data set of {shared.Count} classes; "
                    + "call the parts train, val and test, or choose the layout parts or classes"
            );
        }

        return [new(start, null)];
    }

    // roses/train and roses/test: each class has the parts in it.
    private static Dictionary<string, ImagePart> PartsOfClasses(FolderNode start)
    {
        FolderNode[] inner = [.. start.Filled.SelectMany(one => one.Filled)];
        bool areParts =
            start.Filled.Count > 1
            && start.Filled.All(one => one.OwnImages == 0)
            && inner.All(one => PartName.Find(one.Name) is not null)
            && inner.Any(one => PartName.Find(one.Name) == ImagePart.Train);
        return areParts ? inner.ToDictionary(one => one.Path, one => PartName.Find(one.Name)!.Value) : [];
    }

    private ClassRoot[] Parts(FolderNode start)
    {
        Dictionary<string, ImagePart?> parts = PartName.FindAll([.. start.Filled.Select(child => child.Name)]);
        Dictionary<FolderNode, FolderNode> inner = start.Filled.ToDictionary(child => child, FolderWrappers.InnerOf);
        FolderNode[] flat = [.. inner.Keys.Where(child => inner[child].Filled.Count == 0)];
        if (flat.Length > 0 && flat.Length == inner.Count)
        {
            throw Unclear(
                $"{FolderNames.Of(flat)} {(flat.Length == 1 ? "is" : "are")} named as parts of a data set, and hold no "
                    + "folders of classes; put each class's images into a folder of its name there, "
                    + "or choose the layout classes if they are the classes"
            );
        }

        if (flat.Length > 0)
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be used: {FolderNames.Of([flat[0]])} holds {flat[0].Images:N0} "
                    + "images and no folders of classes, so they have no labels; "
                    + $"list '{Printable.Text(flat[0].Path)}/' in ignore.txt to leave them out, "
                    + "or put them into folders of their classes"
            );
        }

        foreach (FolderNode child in inner.Keys.Where(child => parts[child.Name] is null))
        {
            warnings.Add($"'{Printable.Text(child.Name)}' is no name of a part: its images are divided into parts");
        }

        foreach (FolderNode child in start.Children.Where(child => child.Images == 0))
        {
            if (PartName.Find(child.Name) is not null && child.Listed is not { HasIgnored: true })
            {
                warnings.Add($"the folder '{Printable.Text(child.Path)}' is named as a part and holds no images");
            }
        }

        return [.. inner.Select(pair => new ClassRoot(pair.Value, parts[pair.Key.Name]))];
    }

    // photos/photos/roses: a folder around the folders of the classes or parts is entered.
    private FolderNode Unwrapped(FolderNode start)
    {
        FolderNode inner = start;
        while (inner.Plausible is [FolderNode only] && FolderWrappers.IsWrapper(only))
        {
            inner = only;
        }

        if (inner != start)
        {
            notes.Add(
                $"'{Printable.Text(folder)}' holds one folder, '{Printable.Text(inner.Path)}': "
                    + "the classes are read from the folders in it"
            );
        }

        return inner;
    }

    // Names of folders that all these hold, where they are at least half of all names and nothing else is there.
    private static List<string> SharedNames(IReadOnlyList<FolderNode> folders)
    {
        if (folders.Count < 2 || folders.Any(one => one.OwnImages > 0))
        {
            return [];
        }

        HashSet<string> shared = NamesIn(folders[0]);
        HashSet<string> all = NamesIn(folders[0]);
        foreach (FolderNode folder in folders.Skip(1))
        {
            HashSet<string> names = NamesIn(folder);
            shared.IntersectWith(names);
            all.UnionWith(names);
        }

        return 2 * shared.Count >= all.Count ? [.. shared.Order(StringComparer.Ordinal)] : [];
    }

    private static HashSet<string> NamesIn(FolderNode folder) =>
        new(folder.Filled.Select(child => child.Name), StringComparer.OrdinalIgnoreCase);

    private GraftException Unclear(string reason) =>
        new($"'{Printable.Text(folder)}' cannot be used: {reason}") { Option = LayoutOption };
}
