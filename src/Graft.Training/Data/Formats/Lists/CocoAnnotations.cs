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
        Dictionary<long, string> names = NamesOf(root);
        ILookup<string, (string Label, JsonElement Annotation)> annotations = root.Member("annotations")
            .Elements()
            .Where(annotation => annotation.Member("image_id") is not null)
            .ToLookup(
                annotation => annotation.Member("image_id").Text() ?? "",
                annotation => (LabelOf(files, list, annotation, names), annotation)
            );
        foreach (JsonElement image in root.Member("images").Elements())
        {
            string id = image.Member("id").Text() ?? "";
            string listed =
                image.Member("file_name").Text()
                ?? throw files.Problem($"image {Printable.Text(id)} of {DatasetFiles.Quoted(list)} has no file_name");
            ScannedFile? found = files.Find(list, listed, isForeign: true);
            ImagePart? part = PartOf(list, found);
            string place = $"image {Printable.Text(id)}";
            if (files.Options.Data.CropBoxes)
            {
                foreach ((string label, JsonElement annotation) in annotations[id])
                {
                    CocoBox.Add(files, list, images, (listed, found, part), label, annotation);
                }
            }
            else
            {
                string[] labels = [.. annotations[id].Select(one => one.Label)];
                images.Add(list, place, listed, found, labels, part);
            }
        }
    }

    private static Dictionary<long, string> NamesOf(JsonElement root)
    {
        Dictionary<long, string> names = [];
        foreach (JsonElement category in root.Member("categories").Elements())
        {
            if (category.Member("id").Integer() is long id && category.Member("name").Text() is string name)
            {
                names[id] = name;
            }
        }

        return names;
    }

    private static string LabelOf(
        DatasetFiles files,
        ScannedFile list,
        JsonElement annotation,
        Dictionary<long, string> names
    ) =>
        annotation.Member("category_id").Integer() is long id && names.TryGetValue(id, out string? name)
            ? name
            : throw files.Problem(
                $"an annotation of image {Printable.Text(annotation.Member("image_id").Text() ?? "null")} in "
                    + $"{DatasetFiles.Quoted(list)} has the category "
                    + $"{Printable.Text(annotation.Member("category_id").Text() ?? "null")}, which the file does not "
                    + "define; export it again"
            );

    // COCO's own files are called instances_train2017.json, and their images lie in train2017.
    private static ImagePart? PartOf(ScannedFile list, ScannedFile? found) =>
        ListedImages.PartOf(found?.Path ?? "") ?? PartNames.In(DatasetFiles.NameOf(list.Path));
}
