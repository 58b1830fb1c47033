using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>
/// Azure Machine Learning's JSON lines for image classification: <c>image_url</c> and <c>label</c>. The images lie
/// beside the list, with the end of their address as path. Layout:
/// learn.microsoft.com/azure/machine-learning/reference-automl-images-schema.
/// </summary>
internal static class AzureLines
{
    private const string AddressColumn = "image_url";

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ListedImages images = new(files);
        bool isKnown = false;
        foreach (ScannedFile list in files.All.Where(IsList))
        {
            if (ListText.Start(list).Split('\n')[0].Contains($"\"{AddressColumn}\"", StringComparison.Ordinal))
            {
                isKnown = true;
                ReadLines(files, list, images);
            }
        }

        return isKnown ? images.As($"{files.Container} with Azure Machine Learning's JSON lines") : null;
    }

    private static bool IsList(ScannedFile file) => file.Path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);

    private static void ReadLines(DatasetFiles files, ScannedFile list, ListedImages images)
    {
        ImagePart? part = PartNames.In(DatasetFiles.NameOf(list.Path));
        foreach ((int number, string text) in files.Lines(list).Where(line => !string.IsNullOrWhiteSpace(line.Text)))
        {
            JsonElement row = files.JsonOf(list, number, text);
            string path = PathOf(
                row.Member(AddressColumn).Text() ?? throw Missing(number, $"'{AddressColumn}'; fill it in")
            );
            JsonElement? label = row.Member("label");
            string[] labels =
                label?.ValueKind == JsonValueKind.Array
                    ? [.. label.Elements().Select(one => ((JsonElement?)one).Text()).OfType<string>()]
                    : [label.Text() ?? throw Missing(number, "'label' of one class; lists of boxes cannot be used")];
            images.Add(list, $"line {number}", path, files.Find(list, path, isForeign: true), labels, part);
        }

        GraftException Missing(int number, string what) =>
            files.Problem($"line {number} of {DatasetFiles.Quoted(list)} has no {what}");
    }

    // azureml://subscriptions/.../datastores/NAME/paths/a/1.jpg, or AmlDatastore://NAME/a/1.jpg
    private static string PathOf(string address)
    {
        const string marker = "/paths/";
        int paths = address.IndexOf(marker, StringComparison.Ordinal);
        int scheme = address.IndexOf("://", StringComparison.Ordinal);
        string path =
            paths >= 0 ? address[(paths + marker.Length)..]
            : scheme >= 0 ? address[(scheme + 3)..]
            : address;
        return scheme >= 0 ? Uri.UnescapeDataString(path) : path;
    }
}
