using System.Security.Cryptography;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// The user's own folder: imported bodies in bodies/, weight files that were fetched or added in weights/NAME/.
/// </summary>
/// <param name="Root">Made when something is stored.</param>
internal sealed record BodyStore(string Root)
{
    /// <summary>The environment variable that names another folder than the platform's.</summary>
    public const string Variable = "GRAFT_HOME";

    private const int LongestName = 64;

    private string Bodies => Path.Combine(Root, "bodies");

    /// <summary>GRAFT_HOME, or graft in the platform's folder for a user's data (~/.local/share on Linux).</summary>
    /// <remarks>A user without such a folder has no stored bodies; storing one says so.</remarks>
    public static BodyStore OfUser()
    {
        string? home = Environment.GetEnvironmentVariable(Variable);
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

    /// <summary>The weight file that was fetched or added for a named network; null where there is none.</summary>
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
    /// The imported bodies' cards, by name. A card that cannot be read is left out here; naming the body says why.
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
                continue; // `bodies` lists what can be used
            }
        }

        return cards;
    }

    /// <summary>Whether <paramref name="name"/> is an imported body.</summary>
    public bool Has(string name) => Root.Length > 0 && IsName(name) && File.Exists(CardPath(name));

    /// <summary>Loads an imported body.</summary>
    /// <param name="features">Another edge to end at; null: the card's.</param>
    /// <param name="limits">What its file may ask for.</param>
    /// <exception cref="GraftException">Its card or its file is missing, damaged or was changed.</exception>
    public TrainableBody Load(string name, string? features, Limits? limits = null)
    {
        StoredCard card = StoredCard.Read(CardPath(name));
        string path = ModelPath(name);
        byte[] bytes = ReadFile(path);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (hash != card.Sha256)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: its SHA-256 is {hash}, and its card says {card.Sha256}; import the network again"
            );
        }

        OnnxModel model = OnnxModel.Parse(bytes, path, (limits ?? new()).Onnx);
        FeatureSeam seam = features is null
            ? new(card.Features, card.Kind, card.Why)
            : FeatureSeam.At(model, features, [3, card.Preprocessing.Height, card.Preprocessing.Width]);
        return new(
            GraphEdit.Prefix(model, seam.Edge),
            seam,
            new BodyDescription(card.Name, card.Preprocessing, card.Licence, card.Origin, card.SourceSha256)
        );
    }

    /// <summary>Stores a body under a name.</summary>
    /// <returns>The path of its .onnx.</returns>
    /// <exception cref="GraftException">The name is no name or is taken, or the folder cannot be written.</exception>
    public string Save(string name, OnnxModel model, Func<string, StoredCard> cardOf, bool replace)
    {
        CheckName(name, replace);
        try
        {
            Directory.CreateDirectory(Bodies);
            byte[] bytes = model.ToBytes();
            StoredCard card = cardOf(Convert.ToHexStringLower(SHA256.HashData(bytes)));
            // a body without its card is not there: a kill between the two writes leaves no wrong pair
            File.Delete(CardPath(name));
            AtomicFile.Write(ModelPath(name), bytes);
            AtomicFile.Write(CardPath(name), card.ToJson());
            return ModelPath(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(Bodies)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; set {Variable} to a folder of yours",
                error
            );
        }
    }

    /// <exception cref="GraftException">It cannot be the name of an imported body, or is taken.</exception>
    public void CheckName(string name, bool replace)
    {
        RequireRoot();
        if (!IsName(name))
        {
            throw new GraftException(
                $"'{Printable.Text(name)}' cannot be a body's name: it takes 1 to {LongestName} letters, digits, '-', '_' and '.', the first a letter or digit; choose one with --name"
            );
        }

        if (NamedBodies.Contains(name))
        {
            throw new GraftException(
                $"'{name}' cannot be a body's name: a network of the catalogue has it; choose another with --name"
            );
        }

        if (!replace && File.Exists(CardPath(name)))
        {
            throw new GraftException(
                $"'{name}' cannot be stored: there is a body of that name; choose another with --name, or write over it with --replace"
            );
        }
    }

    /// <exception cref="GraftException">The user has no folder for data.</exception>
    public void RequireRoot()
    {
        if (Root.Length == 0)
        {
            throw new GraftException(
                $"'{Variable}' cannot be found: this user has no folder for data; set {Variable} to a folder"
            );
        }
    }

    /// <summary>The name that a file gives its body: what no name may hold becomes '-'.</summary>
    public static string NameOf(string path)
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
                $"'{Printable.Text(path)}' cannot be used: {Printable.Text(error.Message.TrimEnd('.'))}; import the network again",
                error
            );
        }
    }
}
