using System.Text.Json;
using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Label Studio's exports JSON and JSON_MIN of a project with choices. Layout: labelstud.io/guide/task_format and
/// labelstud.io/guide/export.
/// </summary>
internal static partial class LabelStudioTasks
{
    public static bool Knows(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array
        && root.GetArrayLength() > 0
        && (IsTask(root[0]) || (ImageOf(root[0]) is not null && root[0].Member("annotator") is not null));

    public static void Read(DatasetFiles files, ScannedFile list, JsonElement root, ListedImages images)
    {
        foreach (JsonElement task in root.EnumerateArray())
        {
            string place = $"task {Printable.Text(task.Member("id").Text() ?? "without id")}";
            bool isWhole = IsTask(task);
            string listed = ImageOf(isWhole ? task.Member("data")!.Value : task)
                ?? throw files.Problem($"{place} of {DatasetFiles.Quoted(list)} names no image; export it again");
            string[] labels = isWhole ? Choices(files, list, place, task) : [.. Texts(task.Member("choice"))];
            images.Add(list, place, listed, Find(files, list, listed), labels);
        }
    }

    private static bool IsTask(JsonElement task) =>
        task.Member("data")?.ValueKind == JsonValueKind.Object && task.Member("annotations") is not null;

    // Several choices of one annotator are several labels. Annotators who differ are a contradiction.
    private static string[] Choices(DatasetFiles files, ScannedFile list, string place, JsonElement task)
    {
        LabelList[] opinions =
        [
            .. task.Member("annotations")
                .Elements()
                .Where(annotation => annotation.Member("was_cancelled")?.ValueKind != JsonValueKind.True)
                .Select(annotation => LabelList.Of(Choices(annotation)))
                .Distinct(),
        ];
        return opinions.Length <= 1
            ? [.. opinions.SelectMany(labels => labels)]
            : throw files.Problem(
                $"the annotations of {place} of {DatasetFiles.Quoted(list)} differ, "
                    + $"'{Printable.Text($"{opinions[0]}")}' and '{Printable.Text($"{opinions[1]}")}'; keep one"
            );
    }

    private static IEnumerable<string> Choices(JsonElement annotation) =>
        from result in annotation.Member("result").Elements()
        where result.Member("type").Text() == "choices"
        from choice in Texts(result.Member("value")?.Member("choices"))
        select choice;

    private static IEnumerable<string> Texts(JsonElement? value) =>
        value?.Member("choices") is JsonElement inner ? Texts(inner)
        : value?.ValueKind == JsonValueKind.Array
            ? value.Elements().Select(one => ((JsonElement?)one).Text()).OfType<string>()
        : value.Text() is string text ? [text]
        : [];

    // Templates call the image's field image, img or photo: the first that names a picture is taken.
    private static string? ImageOf(JsonElement data) =>
        data.Member("image").Text()
        ?? data.Member("img").Text()
        ?? ((JsonElement?)data)
            .Members()
            .Select(member => ((JsonElement?)member.Value).Text())
            .FirstOrDefault(text => text is not null && new ScannedFile(PathOf(text), "", null, null).IsNamedImage);

    // Uploaded files get eight hexadecimal digits before their names, which the user's own copies lack.
    private static ScannedFile? Find(DatasetFiles files, ScannedFile list, string listed)
    {
        string path = PathOf(listed);
        string name = DatasetFiles.NameOf(path);
        return files.Find(list, path, isForeign: true)
            ?? (
                Uploaded().Match(name) is { Success: true } prefix
                    ? files.Find(list, name[prefix.Length..], isForeign: true)
                    : null
            );
    }

    // /data/local-files/?d=photos/1.jpg names the file in its query.
    private static string PathOf(string address)
    {
        int query = address.IndexOf("?d=", StringComparison.Ordinal);
        string path = query >= 0 ? address[(query + 3)..] : address.Split('?')[0];
        return Uri.UnescapeDataString(path);
    }

    [GeneratedRegex("^[0-9a-f]{8}-", RegexOptions.CultureInvariant)]
    private static partial Regex Uploaded();
}
