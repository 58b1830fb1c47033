using System.Globalization;

namespace Graft.Training.Data;

/// <summary>
/// ImageNet's lists: a text file a split with <c>path index</c> on each line, and a file with a class name a line.
/// Layouts: Caffe's train.txt and val.txt; Datumaro's imagenet_txt with synsets.txt, as CVAT exports annotations.
/// </summary>
internal static class ImageNetLists
{
    private const int LinesToKnow = 20;

    // A folder with more holds a text for each image, and no list.
    private const int MostLists = 24;

    private static readonly string[] ClassFiles =
    [
        "synsets.txt",
        "classes.txt",
        "class_names.txt",
        "labels.txt",
        "names.txt",
        "synset_words.txt",
    ];

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ListedImages images = new(files);
        bool hasNames = true;
        ScannedFile[] lists = [.. files.All.Where(IsText)];
        foreach (ScannedFile list in lists.Length > MostLists ? [] : lists)
        {
            if (!Knows(files, list))
            {
                continue;
            }

            string[]? names = NamesOf(files, list);
            hasNames &= names is not null;
            ReadLines(files, list, names, images);
        }

        return images.Count == 0 || (!hasNames && HasClassFolders(files, images)) ? null
            : images.As(
                $"{files.Container} with ImageNet lists (path and class number)"
                    + (hasNames ? "" : "; without a list of names the classes are called by their numbers")
            );
    }

    // Without names of classes, folders of classes say more than numbers.
    private static bool HasClassFolders(DatasetFiles files, ListedImages images) =>
        !files.IsOneList
        && images
            .Paths.Select(path => DatasetFiles.FolderOf(path).TrimEnd('/'))
            .Where(folder => PartName.Find(DatasetFiles.NameOf(folder)) is null)
            .Distinct()
            .Skip(1)
            .Any();

    private static bool IsText(ScannedFile file) =>
        file.Path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
        && !ClassFiles.Contains(DatasetFiles.NameOf(file.Path), StringComparer.OrdinalIgnoreCase);

    private static bool Knows(DatasetFiles files, ScannedFile list)
    {
        string[] lines = ListText.Start(list).Split('\n', LinesToKnow + 1);
        string[] first =
        [
            .. lines
                .Take(Math.Max(1, lines.Length - 1))
                .Select(line => line.Trim('\r', '\uFEFF'))
                .Where(line => line != ""),
        ];
        return first.Length > 0
            && first.All(line => Parse(line) is not null)
            && first.Any(line => files.Find(list, Parse(line)!.Value.Path, isForeign: true) is not null);
    }

    private static void ReadLines(DatasetFiles files, ScannedFile list, string[]? names, ListedImages images)
    {
        ImagePart? part = PartNames.In(DatasetFiles.NameOf(list.Path));
        foreach ((int number, string text) in Lines(files, list))
        {
            (string path, int[] classes) =
                Parse(text)
                ?? throw files.Problem(
                    $"line {number} of {DatasetFiles.Quoted(list)} is not a path and a class number; correct it"
                );
            string[] labels = [.. classes.Select(index => NameOf(index, number))];
            images.Add(list, $"line {number}", path, files.Find(list, path, isForeign: true), labels, part);
        }

        string NameOf(int index, int number) =>
            names is null ? index.ToString(CultureInfo.InvariantCulture)
            : index < names.Length ? names[index]
            : throw files.Problem(
                $"line {number} of {DatasetFiles.Quoted(list)} has the class number {index}, and the list of names "
                    + $"has {names.Length} lines, counted from 0; correct it"
            );
    }

    private static string[]? NamesOf(DatasetFiles files, ScannedFile list)
    {
        ScannedFile? found = ClassFiles.Select(name => files.Find(list, name)).FirstOrDefault(file => file is not null);
        return found is null ? null : [.. Lines(files, found).Select(line => line.Text.Trim())];
    }

    private static IEnumerable<(int Number, string Text)> Lines(DatasetFiles files, ScannedFile list) =>
        files.Lines(list).Where(line => !string.IsNullOrWhiteSpace(line.Text));

    // Datumaro puts a name with spaces into quotes, without its extension: "a b".jpg 3
    private static (string Path, int[] Classes)? Parse(string line)
    {
        int quote = line.StartsWith('"') ? line.IndexOf('"', 1) : -1;
        string start = quote > 0 ? line[1..quote] : "";
        string[] words = line[(quote + 1)..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        int numbers = words.Reverse().TakeWhile(word => IsNumber(word)).Count();
        if (numbers == 0 || numbers == words.Length)
        {
            return null;
        }

        string path = start + string.Join(' ', words[..^numbers]);
        return (path, [.. words[^numbers..].Select(word => int.Parse(word, CultureInfo.InvariantCulture))]);
    }

    private static bool IsNumber(string word) =>
        word.All(char.IsAsciiDigit) && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
