using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>The networks that Graft builds by name.</summary>
internal static class NamedBodies
{
    /// <summary>The default body, EfficientNet-Lite0. Its weights are embedded, so it needs no file.</summary>
    public const string DefaultName = "tf_efficientnet_lite0";

    private static readonly Dictionary<string, BodyEntry> s_byName = ByName();

    /// <summary>All networks, family by family, from small to large.</summary>
    public static IReadOnlyList<BodyEntry> Entries => BodyTable.Entries;

    /// <summary>The entry of <see cref="DefaultName"/>.</summary>
    public static BodyEntry Default => Find(DefaultName);

    /// <summary>The entry of a name or alias; letter case and punctuation do not matter.</summary>
    /// <exception cref="GraftException">The name is unknown; the message suggests a similar one.</exception>
    public static BodyEntry Find(string name)
    {
        if (s_byName.TryGetValue(Plain(name), out BodyEntry? entry))
        {
            return entry;
        }

        if (Directory.Exists(name) || File.Exists(name))
        {
            string kind = Directory.Exists(name)
                ? "it is a folder; name an .onnx file, or a network of the catalogue"
                : "a body in a file is an .onnx file; use weights with the body of their architecture";
            throw new GraftException($"'{Printable.Text(name)}' cannot be the body: {kind}");
        }

        string? nearest = NearestName.Find(name, Entries.SelectMany(e => e.Aliases.Prepend(e.Name)));
        string hint = nearest is null ? "" : $"did you mean '{nearest}'? ";
        throw new GraftException(
            $"'{Printable.Text(name)}' cannot be the body: no network has this name; {hint}"
                + "take a name of the catalogue, or an .onnx file"
        );
    }

    /// <summary>Whether a network has this name or alias.</summary>
    public static bool Contains(string name) => s_byName.ContainsKey(Plain(name));

    /// <summary>Loads a named body with its classifier.</summary>
    /// <param name="name">A name or alias.</param>
    /// <param name="weightsPath">A weight file; null uses the weights that came with Graft.</param>
    /// <param name="preprocessing">
    /// How images were prepared in pretraining; null uses the catalogue's knowledge.
    /// </param>
    /// <param name="size">Side of the square input in pixels; null uses the size of the pretraining.</param>
    /// <exception cref="GraftException">
    /// The name is unknown, no weights of the body came with Graft, or the file does not fit the network.
    /// </exception>
    public static Body Load(
        string name,
        string? weightsPath = null,
        Preprocessing? preprocessing = null,
        int? size = null
    )
    {
        BodyEntry entry = Find(name);
        return weightsPath is null
            ? BodyLoader.FromGraft(entry, size)
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
