using System.Security.Cryptography;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// The user's folder: imported bodies in bodies/, and downloaded or added weight files in weights/NAME/.
/// </summary>
/// <param name="Root">Path of the folder, which is created on the first write; empty where the user has none.</param>
internal sealed record BodyStore(string Root)
{
    /// <summary>The environment variable that replaces the platform's folder.</summary>
    public const string HomeVariable = "GRAFT_HOME";

    private const int LongestName = 64;

    private string Bodies => Path.Combine(Root, "bodies");

    /// <summary>
    /// The folder in GRAFT_HOME, or else graft/ in the platform's folder for user data (~/.local/share on Linux).
    /// </summary>
    /// <remarks>A user without such a folder has no stored bodies, and storing one throws.</remarks>
    public static BodyStore OfUser()
    {
        string? home = Environment.GetEnvironmentVariable(HomeVariable);
        string data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return !string.IsNullOrEmpty(home) ? new(Path.GetFullPath(home))
            : !string.IsNullOrEmpty(data) ? new(Path.Combine(data, "graft"))
            : new("");
    }

    /// <summary>The folder of a named network's weight file.</summary>
    public string WeightsFolder(BodyEntry entry) => Path.Combine(Root, "weights", entry.Name);

    /// <summary>The downloaded or added weight file of a named network; null where there is none.</summary>
    public string? WeightsOf(BodyEntry entry)
    {
        string folder = WeightsFolder(entry);
        return Root.Length > 0 && Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder)
                .Where(file =>
                    !file.EndsWith(".part", StringComparison.Ordinal)
                    && !file.EndsWith(".tag", StringComparison.Ordinal)
                )
                .MaxBy(File.GetLastWriteTimeUtc)
            : null;
    }

    /// <summary>
    /// The cards of all imported bodies, in the order of their names. Skips unreadable cards; loading such a body by
    /// its name throws the reason.
    /// </summary>
    public IReadOnlyList<StoredCard> Cards()
    {
        List<StoredCard> cards = [];
        string[] paths = Directory.Exists(Bodies) ? Directory.GetFiles(Bodies, "*.json") : [];
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            try
            {
                cards.Add(StoredCard.Read(path));
            }
            catch (GraftException)
            {
                continue; // a list shows only usable bodies
            }
        }

        return cards;
    }

    /// <summary>Whether an imported body has this name.</summary>
    public bool Has(string name) => Root.Length > 0 && IsName(name) && File.Exists(CardPath(name));

    /// <summary>The card of an imported body.</summary>
    /// <exception cref="GraftException">It is missing or damaged.</exception>
    public StoredCard Card(string name) => StoredCard.Read(CardPath(name));

    /// <summary>Loads an imported body.</summary>
    /// <param name="name">Name of the body.</param>
    /// <param name="features">The edge at which the body ends; null takes the card's.</param>
    /// <param name="limits">Largest file and graph that are accepted; null uses the defaults.</param>
    /// <exception cref="GraftException">The card or the network is missing, damaged or was changed.</exception>
    public TrainableBody Load(string name, string? features, Limits? limits = null)
    {
        StoredCard card = StoredCard.Read(CardPath(name));
        string path = ModelPath(name);
        byte[] bytes = ReadFile(path);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (hash != card.Sha256)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: its SHA-256 is {hash}, and its card says {card.Sha256}; "
                    + "import the network again"
            );
        }

        OnnxModel model = OnnxModel.Parse(bytes, path, (limits ?? new()).Onnx);
        FeatureBoundary boundary = features is null
            ? new(card.Features, card.Kind, card.Why)
            : FeatureBoundary.FromEdge(model, features, [3, card.Preprocessing.Height, card.Preprocessing.Width]);
        return new(
            Subgraph.Prefix(model, boundary.Edge),
            boundary,
            new BodyDescription(card.Name, card.Preprocessing, card.Licence, card.Origin, card.SourceSha256)
        );
    }

    /// <summary>Stores a body under a name.</summary>
    /// <param name="name">Name of the body.</param>
    /// <param name="model">The network up to its feature edge.</param>
    /// <param name="cardOf">Makes the card from the SHA-256 of the stored network.</param>
    /// <param name="replace">Whether a body of the same name is overwritten.</param>
    /// <returns>The path of the stored network.</returns>
    /// <exception cref="GraftException">The name cannot be used, or the folder cannot be written.</exception>
    public string Save(string name, OnnxModel model, Func<string, StoredCard> cardOf, bool replace)
    {
        CheckName(name, replace);
        try
        {
            Directory.CreateDirectory(Bodies);
            byte[] bytes = model.ToBytes();
            StoredCard card = cardOf(Convert.ToHexStringLower(SHA256.HashData(bytes)));
            // A body without a card does not count as stored, so a kill between the two writes leaves no wrong pair.
            File.Delete(CardPath(name));
            AtomicFile.Write(ModelPath(name), bytes);
            AtomicFile.Write(CardPath(name), card.ToJson());
            return ModelPath(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(Bodies)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + $"set {HomeVariable} to a folder that you may write",
                error
            );
        }
    }

    /// <summary>Checks that a body can be stored under a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="replace">Whether the name of a stored body is accepted.</param>
    /// <exception cref="GraftException">The name has wrong characters or is taken.</exception>
    public void CheckName(string name, bool replace)
    {
        RequireRoot();
        if (!IsName(name))
        {
            throw new GraftException(
                $"'{Printable.Text(name)}' cannot be a body's name: a name has 1 to {LongestName} letters, digits, "
                    + "'-', '_' and '.', and begins with a letter or digit; choose another name"
            );
        }

        if (NamedBodies.Contains(name))
        {
            throw new GraftException(
                $"'{name}' cannot be a body's name: a network of the catalogue has it; choose another name"
            );
        }

        if (!replace && File.Exists(CardPath(name)))
        {
            throw new GraftException(
                $"'{name}' cannot be stored: another body has this name; choose another name, or replace it"
            )
            {
                Option = nameof(ImportOptions.Replace),
            };
        }
    }

    /// <summary>Checks that there is a folder to store in.</summary>
    /// <exception cref="GraftException">The user has no folder for data.</exception>
    public void RequireRoot()
    {
        if (Root.Length == 0)
        {
            throw new GraftException(
                $"'{HomeVariable}' is not set, and this user has no folder for data; set {HomeVariable} to a folder"
            );
        }
    }

    /// <summary>The file's name without its extension; each character that a name may not hold becomes '-'.</summary>
    public static string NameFromPath(string path)
    {
        string plain = string.Concat(Path.GetFileNameWithoutExtension(path).Select(c => IsNameLetter(c) ? c : '-'))
            .TrimStart('-', '_', '.');
        return plain.Length > LongestName ? plain[..LongestName] : plain;
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= LongestName && char.IsAsciiLetterOrDigit(name[0]) && name.All(IsNameLetter);

    private static bool IsNameLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    private string CardPath(string name) => Path.Combine(Bodies, name + ".json");

    private string ModelPath(string name) => Path.Combine(Bodies, name + ".onnx");

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + "import the network again",
                error
            );
        }
    }
}
