using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>The networks that have a name.</summary>
internal static class NamedBodies
{
    /// <summary>The body that needs no file: EfficientNet-Lite0, its weights embedded.</summary>
    public const string DefaultName = "tf_efficientnet_lite0";

    private static readonly Dictionary<string, BodyEntry> s_byName = ByName();

    /// <summary>Family by family, small to large.</summary>
    public static IReadOnlyList<BodyEntry> Entries => BodyTable.Entries;

    public static BodyEntry Default => Find(DefaultName);

    /// <summary>The entry of a name or alias; capitals and punctuation do not matter.</summary>
    /// <exception cref="GraftException">There is none; says which name may have been meant.</exception>
    public static BodyEntry Find(string name)
    {
        if (s_byName.TryGetValue(Plain(name), out BodyEntry? entry))
        {
            return entry;
        }

        string? nearest = NearestName.Of(name, Entries.SelectMany(e => e.Aliases.Prepend(e.Name)));
        string hint = nearest is null ? "" : $"did you mean '{nearest}'? ";
        throw new GraftException(
            $"'{Printable.Text(name)}' cannot be the body: no network of that name is known; {hint}`graft bodies` lists the names, and an .onnx file can be a body too"
        );
    }

    /// <summary>Whether a network of that name or alias is known.</summary>
    public static bool Contains(string name) => s_byName.ContainsKey(Plain(name));

    /// <summary>Loads a named body.</summary>
    /// <param name="name">A name or alias.</param>
    /// <param name="weightsPath">A weight file; null: the embedded weights.</param>
    /// <param name="preprocessing">What the weights were trained with, where the catalogue does not know the file;
    /// null: the entry's usual recipe.</param>
    /// <param name="size">The side of its square input, pixels; null: as the weights were trained.</param>
    /// <exception cref="GraftException">The name is not known, it has no embedded weights, or the file does not fit the
    /// network.</exception>
    public static Body Load(
        string name,
        string? weightsPath = null,
        Preprocessing? preprocessing = null,
        int? size = null
    )
    {
        BodyEntry entry = Find(name);
        return weightsPath is null
            ? BodyLoader.FromResource(entry, size)
            : BodyLoader.FromFile(entry, weightsPath, preprocessing, size);
    }

    private static Dictionary<string, BodyEntry> ByName()
    {
        Dictionary<string, BodyEntry> entries = [];
        foreach (BodyEntry entry in Entries)
        {
            foreach (string plain in entry.Aliases.Prepend(entry.Name).Select(Plain).Distinct())
            {
                entries.Add(plain, entry);
            }
        }

        return entries;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
