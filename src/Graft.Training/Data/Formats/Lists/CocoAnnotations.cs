using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// COCO's object annotations with one category an image. Layout: cocodataset.org/#format-data; Roboflow calls the file
/// <c>_annotations.coco.json</c> and puts one into each split's folder.
/// </summary>
internal static class CocoAnnotations
{
    public static bool Knows(JsonElement root) =>
        root.Member("images")?.ValueKind == JsonValueKind.Array
        && root.Member("annotations")?.ValueKind == JsonValueKind.Array
        && root.Member("categories")?.ValueKind == JsonValueKind.Array;

    public static void Read(DatasetFiles files, ScannedFile list, JsonElement root, ListedImages images)
    {
        Dictionary<long, string> names = [];
        foreach (JsonElement category in root.Member("categories").Elements())
        {
            if (category.Member("id").Integer() is long id && category.Member("name").Text() is string name)
            {
                names[id] = name;
            }
        }

        Dictionary<string, HashSet<string>> labels = new(StringComparer.Ordinal);
        foreach (JsonElement annotation in root.Member("annotations").Elements())
        {
            if (annotation.Member("image_id").Text() is not string image)
            {
                continue;
            }

            string label =
                annotation.Member("category_id").Integer() is long id && names.TryGetValue(id, out string? name)
                    ? name
                    : throw files.Problem(
                        $"an annotation of image {Printable.Text(image)} in {DatasetFiles.Quoted(list)} has the "
                            + $"category {Printable.Text(annotation.Member("category_id").Text() ?? "null")}, which "
                            + "the file does not define; export it again"
                    );
            (labels.TryGetValue(image, out HashSet<string>? known) ? known : labels[image] = []).Add(label);
        }

        foreach (JsonElement image in root.Member("images").Elements())
        {
            string id = image.Member("id").Text() ?? "";
            string listed =
                image.Member("file_name").Text()
                ?? throw files.Problem($"image {Printable.Text(id)} of {DatasetFiles.Quoted(list)} has no file_name");
            HashSet<string> ofImage = labels.GetValueOrDefault(id) ?? [];
            ScannedFile? found = files.Find(list, listed, isForeign: true);
            images.Add(list, $"image {Printable.Text(id)}", listed, found, ofImage, PartOf(list, found));
        }
    }

    // COCO's own files are called instances_train2017.json, and their images lie in train2017.
    private static ImagePart? PartOf(ScannedFile list, ScannedFile? found) =>
        ListedImages.PartOf(found?.Path ?? "") ?? PartNames.In(DatasetFiles.NameOf(list.Path));
}
