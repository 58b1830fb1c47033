using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// FiftyOne's image classification dataset: <c>labels.json</c> with <c>classes</c> and <c>labels</c>, images in
/// <c>data/</c>. Layout: docs.voxel51.com/user_guide/export_datasets.html, FiftyOneImageClassificationDataset.
/// </summary>
internal static class FiftyOneLabels
{
    public static bool Knows(JsonElement root) =>
        root.Member("labels")?.ValueKind == JsonValueKind.Object
        && root.Member("annotations") is null
        && root.TryGetProperty("classes", out JsonElement classes)
        && classes.ValueKind is (JsonValueKind.Null or JsonValueKind.Array);

    public static void Read(DatasetFiles files, ScannedFile list, JsonElement root, ListedImages images)
    {
        string?[] classes = [.. root.Member("classes").Elements().Select(one => ((JsonElement?)one).Text())];
        Dictionary<string, ScannedFile?> byStem = ImagesByStem(files, DatasetFiles.FolderOf(list.Path));
        foreach (JsonProperty label in root.Member("labels").Members())
        {
            ScannedFile? found = byStem.GetValueOrDefault(label.Name) ?? files.Find(list, label.Name);
            string[] names = [.. Labels(label.Value).Select(one => NameOf(one, classes, label.Name))];
            images.Add(list, $"'{Printable.Text(label.Name)}'", label.Name, found, names);
        }

        string NameOf(string written, string?[] known, string image) =>
            known.Length == 0 ? written
            : int.TryParse(written, out int number)
                ? number >= 0 && number < known.Length && known[number] is string name
                    ? name
                    : throw files.Problem(
                        $"'{Printable.Text(image)}' of {DatasetFiles.Quoted(list)} has the class number "
                            + $"{Printable.Text(written)}, and there are {known.Length} classes; export it again"
                    )
            : written;
    }

    private static IEnumerable<string> Labels(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => ((JsonElement?)value).Elements().SelectMany(Labels),
            JsonValueKind.Object => ((JsonElement?)value.Member("label") ?? value.Member("classifications"))
                is JsonElement inner
                ? Labels(inner)
                : [],
            _ => ((JsonElement?)value).Text() is string text ? [text] : [],
        };

    // Keys are the names of the images without their extensions, relative to data/.
    private static Dictionary<string, ScannedFile?> ImagesByStem(DatasetFiles files, string folder)
    {
        string data = folder + "data/";
        Dictionary<string, ScannedFile?> byStem = new(StringComparer.Ordinal);
        foreach (ScannedFile file in files.Below(data).Where(file => file.IsNamedImage))
        {
            string stem = file.Path[data.Length..^Path.GetExtension(file.Path).Length];
            byStem[stem] = byStem.ContainsKey(stem) ? null : file;
        }

        return byStem;
    }
}
