using System.Text.Json;

namespace Graft.Training.Data;

/// <summary>
/// A project of Teachable Machine, saved as a <c>.tm</c> file: a zip archive of <c>manifest.json</c> and the samples of
/// all classes, each called <c>CLASS-!-NUMBER.EXT</c>. Google publishes no layout. The maker calls it a zip with the
/// labels in JSON (googlecreativelab/teachablemachine-community, issue 38), and a program that writes such files uses
/// these names (MeemeeLab/TeachableMachine-Scraper, src/Class/TMPacker.js).
/// </summary>
internal static class TeachableMachineProject
{
    private const string Manifest = "manifest.json";
    private const string Separator = "-!-";

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ScannedFile? manifest = files.All.FirstOrDefault(file => DatasetFiles.NameOf(file.Path) == Manifest);
        if (manifest is null || files.IsOneList || !files.All.Any(file => file.Path.Contains(Separator)))
        {
            return null;
        }

        using JsonDocument document = files.Json(manifest);
        if (document.RootElement.Member("type").Text() is string type and not "image")
        {
            throw files.Problem($"it is a Teachable Machine project of the kind '{type}', not of images");
        }

        ListedImages images = new(files);
        foreach (ScannedFile file in files.All)
        {
            string name = DatasetFiles.NameOf(file.Path);
            int end = name.LastIndexOf(Separator, StringComparison.Ordinal);
            if (end > 0)
            {
                images.Add(manifest, "the samples", file.Path, file, [name[..end]]);
            }
        }

        return images.As("a Teachable Machine project");
    }
}
