using System.Text.RegularExpressions;

namespace Graft.Training.Data;

/// <summary>The names of parts, in folders and in lists.</summary>
internal static partial class PartName
{
    public const string All = "train, val, valid, validation or test";

    private static readonly Dictionary<string, ImagePart> s_words = new()
    {
        ["train"] = ImagePart.Train,
        ["training"] = ImagePart.Train,
        ["trn"] = ImagePart.Train,
        ["trainval"] = ImagePart.Train,
        ["val"] = ImagePart.Validation,
        ["valid"] = ImagePart.Validation,
        ["validation"] = ImagePart.Validation,
        ["validate"] = ImagePart.Validation,
        ["dev"] = ImagePart.Validation,
        ["development"] = ImagePart.Validation,
        ["test"] = ImagePart.Test,
        ["testing"] = ImagePart.Test,
        ["tst"] = ImagePart.Test,
        ["eval"] = ImagePart.Test,
        ["evaluation"] = ImagePart.Test,
    };

    // Words that say nothing of a part or a class: seg_train, train_images, TestSet, training-data-2017.
    private static readonly HashSet<string> s_fillers =
    [
        "set",
        "sets",
        "data",
        "dataset",
        "datasets",
        "database",
        "image",
        "images",
        "img",
        "imgs",
        "pic",
        "pics",
        "picture",
        "pictures",
        "photo",
        "photos",
        "file",
        "files",
        "folder",
        "dir",
        "split",
        "part",
        "sample",
        "samples",
        "seg",
        "cls",
        "class",
        "classes",
        "classification",
        "small",
        "full",
        "all",
        "new",
        "final",
        "orig",
        "original",
        "raw",
        "clean",
        "resized",
        "cropped",
        "aug",
        "augmented",
        "labeled",
        "labelled",
        "public",
        "private",
        "my",
        "the",
        "for",
        "of",
    ];

    /// <summary>The part called <paramref name="name"/>, in upper or lower case; null where none is.</summary>
    public static ImagePart? Find(string name) => PartOf(Tokens(name));

    /// <summary>The part that each of several folders is called; null for a folder that is called like none.</summary>
    public static Dictionary<string, ImagePart?> FindAll(IReadOnlyList<string> names)
    {
        Dictionary<string, List<string>> tokens = names.ToDictionary(name => name, Tokens);
        if (names.Count > 1)
        {
            // flowers_train and flowers_test: what all names share says nothing
            string[] shared = [.. tokens.Values.Aggregate((a, b) => [.. a.Intersect(b)])];
            Dictionary<string, ImagePart?> stripped = names.ToDictionary(
                name => name,
                name => PartOf([.. tokens[name].Where(token => s_words.ContainsKey(token) || !shared.Contains(token))])
            );
            if (stripped.Values.All(part => part is not null))
            {
                return stripped;
            }
        }

        return names.ToDictionary(name => name, name => PartOf(tokens[name]));
    }

    /// <summary>True if a folder's name says nothing of its content, as images and data.</summary>
    public static bool IsFiller(string name) =>
        Tokens(name) is { Count: > 0 } tokens && tokens.TrueForAll(IsFillerWord);

    /// <summary>Name of the part in split.csv.</summary>
    public static string Of(ImagePart part) =>
        part switch
        {
            ImagePart.Train => "train",
            ImagePart.Validation => "val",
            _ => "test",
        };

    private static ImagePart? PartOf(List<string> tokens)
    {
        string[] parts = [.. tokens.Where(s_words.ContainsKey)];
        return parts.Length == 1 && tokens.TrueForAll(token => token == parts[0] || IsFillerWord(token))
            ? s_words[parts[0]]
            : null;
    }

    private static bool IsFillerWord(string token) => s_fillers.Contains(token);

    // "seg_train", "TrainImages", "trainset1": words in lower case, without digits and signs.
    private static List<string> Tokens(string name)
    {
        List<string> tokens = [];
        foreach (Match match in Words().Matches(name))
        {
            string word = match.Value.ToLowerInvariant();
            bool isWhole = s_words.ContainsKey(word) || IsFillerWord(word);
            string? part = isWhole
                ? null
                : s_words.Keys.FirstOrDefault(part =>
                    (word.StartsWith(part, StringComparison.Ordinal) && IsFillerWord(word[part.Length..]))
                    || (word.EndsWith(part, StringComparison.Ordinal) && IsFillerWord(word[..^part.Length]))
                );
            tokens.Add(part ?? word);
        }

        return tokens;
    }

    [GeneratedRegex(
        @"\p{Lu}{2,}(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}\p{M}]+|\p{Lu}",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Words();
}
