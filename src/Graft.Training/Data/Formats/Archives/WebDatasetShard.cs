using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>
/// WebDataset's samples in a tar archive: entries that share a path up to the first dot of the name, such as
/// <c>0001.jpg</c> with <c>0001.cls</c> or <c>0001.json</c>. Layout: github.com/webdataset/webdataset and
/// huggingface.co/docs/hub/datasets-webdataset.
/// </summary>
internal static class WebDatasetShard
{
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
        Dictionary<string, ScannedFile> labels = new(StringComparer.Ordinal);
        foreach (ScannedFile file in files.All.Where(IsLabel))
        {
            string key = KeyOf(file.Path);
            bool isClass = file.Path.EndsWith(".cls", StringComparison.OrdinalIgnoreCase);
            if (isClass || !labels.ContainsKey(key))
            {
                labels[key] = file;
            }
        }

        ScannedFile[] pictures = [.. files.All.Where(file => file.IsNamedImage)];
        int labelled = pictures.Count(file => labels.ContainsKey(KeyOf(file.Path)));
        bool hasClasses = labels.Values.Any(file => file.Path.EndsWith(".cls", StringComparison.OrdinalIgnoreCase));
        if (!files.IsTar || labelled == 0 || (!hasClasses && labelled < pictures.Length))
        {
            return false;
        }

        // a JSON file beside every image may hold anything
        string[]? names = NamesOf(files);
        if (!hasClasses && Labels(files, labels[KeyOf(pictures[0].Path)], names).Length == 0)
        {
            return false;
        }

        foreach (ScannedFile picture in pictures)
        {
            ScannedFile? label = labels.GetValueOrDefault(KeyOf(picture.Path));
            string[] read = label is null ? [] : Labels(files, label, names);
            images.Add(label ?? picture, "the sample", picture.Path, picture, read, part);
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

    private static string[] Labels(DatasetFiles files, ScannedFile label, string[]? names)
    {
        string? text;
        if (label.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            using JsonDocument document = files.Json(label);
            JsonElement root = document.RootElement;
            text =
                root.ValueKind == JsonValueKind.Object
                    ? LabelMembers.Select(name => root.Member(name).Text()).FirstOrDefault(one => one is not null)
                    : ((JsonElement?)root).Text();
        }
        else
        {
            using TextReader reader = files.Text(label);
            text = reader.ReadToEnd().Trim();
        }

        return text is null ? []
            : names is not null && int.TryParse(text, out int index) && index >= 0 && index < names.Length
                ? [names[index]]
            : [text];
    }

    // A list of names is no part of the format; some shards carry one all the same.
    private static string[]? NamesOf(DatasetFiles files)
    {
        ScannedFile? list = files.All.FirstOrDefault(file => file.Path is "classes.txt" or "class_names.txt");
        return list is null ? null : [.. files.Lines(list).Select(line => line.Text.Trim()).Where(line => line != "")];
    }
}
