using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>Finds JSON lists by their content: COCO, FiftyOne and Label Studio have no names of their own.</summary>
internal static class JsonLists
{
    // A folder with more holds a file for each image, and no list.
    private const int MostLists = 24;

    private const string Coco = "COCO annotations";

    private static readonly (string What, Func<JsonElement, bool> Knows, Reader Read)[] Formats =
    [
        (Coco, CocoAnnotations.Knows, CocoAnnotations.Read),
        ("FiftyOne's labels.json", FiftyOneLabels.Knows, FiftyOneLabels.Read),
        ("Label Studio's JSON", LabelStudioTasks.Knows, LabelStudioTasks.Read),
    ];

    // Part of the names that the tools give their lists. A damaged file of such a name is no accident to pass over.
    private static readonly string[] ListNames = ["coco", "annotation", "instances", "labels", "project-"];

    private delegate void Reader(DatasetFiles files, ScannedFile list, JsonElement root, ListedImages images);

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ScannedFile[] lists =
        [
            .. files.All.Where(file => file.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)),
        ];
        if (lists.Length is 0 or > MostLists)
        {
            return null;
        }

        ListedImages images = new(files);
        string? what = null;
        foreach (ScannedFile list in lists)
        {
            using JsonDocument? document = TryRead(files, list);
            if (document is null)
            {
                continue;
            }

            foreach ((string name, Func<JsonElement, bool> knows, Reader read) in Formats)
            {
                if ((what is null || what == name) && knows(document.RootElement))
                {
                    what = name;
                    read(files, list, document.RootElement, images);
                    break;
                }
            }
        }

        return what is null
            ? null
            : images.As($"{files.Container} with {what}") with
            {
                AreCropped = what == Coco && files.Options.Data.CropBoxes,
            };
    }

    private static JsonDocument? TryRead(DatasetFiles files, ScannedFile list)
    {
        try
        {
            return files.Json(list);
        }
        catch (GraftException)
            when (!files.IsOneList && !ListNames.Any(name => DatasetFiles.NameOf(list.Path).Contains(name)))
        {
            return null;
        }
    }
}
