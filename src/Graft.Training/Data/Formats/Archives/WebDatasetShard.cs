using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>
/// WebDataset's samples in a tar archive: entries that share a path up to the first dot of the name, such as
/// <c>0001.jpg</c> with <c>0001.cls</c> or <c>0001.json</c>. Layout: github.com/webdataset/webdataset and
/// huggingface.co/docs/hub/datasets-webdataset.
/// </summary>
internal static class WebDatasetShard
{
    private static readonly string[] GroupMembers = ["group"];

    private static readonly string[] LabelMembers = ["label", "cls", "class", "class_name", "category"];

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ListedImages images = new(files);
        return AddTo(images, files) ? images.As("a WebDataset shard") : null;
    }

    /// <summary>Adds the samples of a shard.</summary>
    /// <returns>False if the files are no shard.</returns>
    public static bool AddTo(ListedImages images, DatasetFiles files, ImagePart? part = null)
    {
        ILookup<string, ScannedFile> labels = files.All.Where(IsLabel).ToLookup(file => KeyOf(file.Path));
        ScannedFile[] pictures = [.. files.All.Where(file => file.IsNamedImage)];
        int labelled = pictures.Count(file => labels.Contains(KeyOf(file.Path)));
        bool hasClasses = labels.Any(sample => sample.Any(IsClass));
        if (!files.IsTar || labelled == 0 || (!hasClasses && labelled < pictures.Length))
        {
            return false;
        }

        // a JSON file beside every image may hold anything
        string[]? names = NamesOf(files);
        IEnumerable<ScannedFile> first = labels[KeyOf(pictures[0].Path)];
        if (!hasClasses && ListOf(files, first) is null && LabelOf(files, first, names) is null)
        {
            return false;
        }

        foreach (ScannedFile picture in pictures)
        {
            IEnumerable<ScannedFile> sample = labels[KeyOf(picture.Path)];
            string[]? several = ListOf(files, sample);
            images.HasLabelLists |= several is not null;
            string? label = several is null ? LabelOf(files, sample, names) : null;
            string? group = sample
                .Where(file => !IsClass(file))
                .Select(file => MemberOf(files, file, GroupMembers, mustBeText: false))
                .FirstOrDefault();
            images.Add(
                picture,
                "the sample",
                picture.Path,
                picture,
                several ?? (label is null ? [] : [label]),
                part,
                group
            );
        }

        return true;
    }

    private static bool IsLabel(ScannedFile file) =>
        Path.GetExtension(file.Path).ToUpperInvariant() is ".CLS" or ".JSON";

    // The folder counts, and the name up to its first dot.
    private static string KeyOf(string path)
    {
        string folder = DatasetFiles.FolderOf(path);
        return folder + path[folder.Length..].Split('.')[0];
    }

    private static bool IsClass(ScannedFile file) => file.Path.EndsWith(".cls", StringComparison.OrdinalIgnoreCase);

    // The number in .cls has its name in a list of names, or in the label of .json.
    private static string? LabelOf(DatasetFiles files, IEnumerable<ScannedFile> sample, string[]? names)
    {
        string? number = sample.Where(IsClass).Select(file => TextOf(files, file)).FirstOrDefault();
        if (number is not null && (!int.TryParse(number, out int index) || index < 0))
        {
            return number;
        }

        string? named =
            names is not null && int.TryParse(number, out int place) ? names.ElementAtOrDefault(place) : null;
        return named
            ?? sample
                .Where(file => !IsClass(file))
                .Select(file => MemberOf(files, file, LabelMembers, mustBeText: number is not null))
                .FirstOrDefault()
            ?? number;
    }

    // Several labels, or none, where .json has a list of them.
    private static string[]? ListOf(DatasetFiles files, IEnumerable<ScannedFile> sample)
    {
        foreach (ScannedFile file in sample.Where(file => !IsClass(file)))
        {
            using JsonDocument document = files.Json(file);
            if (document.RootElement.Member("labels") is JsonElement { ValueKind: JsonValueKind.Array } labels)
            {
                return [.. labels.EnumerateArray().Select(one => ((JsonElement?)one).Text()).OfType<string>()];
            }
        }

        return null;
    }

    private static string TextOf(DatasetFiles files, ScannedFile file)
    {
        using TextReader reader = files.Text(file);
        return reader.ReadToEnd().Trim();
    }

    // Beside a number, only a text is its name.
    private static string? MemberOf(DatasetFiles files, ScannedFile file, string[] members, bool mustBeText)
    {
        using JsonDocument document = files.Json(file);
        JsonElement root = document.RootElement;
        return members
            .Select(name => root.Member(name))
            .Where(value => !mustBeText || value?.ValueKind == JsonValueKind.String)
            .Select(value => value.Text())
            .FirstOrDefault(text => text is not null);
    }

    // A list of names is no part of the format; some shards carry one all the same.
    private static string[]? NamesOf(DatasetFiles files)
    {
        ScannedFile? list = files.All.FirstOrDefault(file => file.Path is "classes.txt" or "class_names.txt");
        return list is null ? null : [.. files.Lines(list).Select(line => line.Text.Trim()).Where(line => line != "")];
    }
}
