using Graft.Imaging;
using Graft.Training.Data;

namespace Graft.Training.Doctor;

/// <summary>Finds images of which the centre crop shows little, such as panoramas.</summary>
internal static class CropFindings
{
    private const double MuchLost = 0.6; // of the area; a photograph of 16 to 9 loses 0.57
    private const double ManyImages = 0.1; // share of the set

    /// <summary>Share of an image that the plain view leaves out, 0 to 1; 0 if the whole image is shown.</summary>
    public static double LostOf(ImageTraits image, Preprocessing preprocessing)
    {
        if (preprocessing.Resize != ResizeRule.ShorterSideThenCrop)
        {
            return 0;
        }

        double scale = (double)preprocessing.ResizeShorter / Math.Min(image.Width, image.Height);
        double shown =
            preprocessing.Width * (double)preprocessing.Height / (scale * image.Width * scale * image.Height);
        return Math.Clamp(1 - shown, 0, 1);
    }

    /// <summary>Whether so many images lose much that the set should be fitted in another way.</summary>
    public static bool AreMany(Inspection inspection, Preprocessing preprocessing) =>
        inspection.Traits.Count(image => LostOf(image, preprocessing) > MuchLost)
        >= ManyImages * inspection.Traits.Count;

    /// <summary>The median over the images of what the plain view leaves out.</summary>
    public static double MedianLost(Inspection inspection, Preprocessing preprocessing) =>
        inspection
            .Traits.Select(image => LostOf(image, preprocessing))
            .Order()
            .ElementAtOrDefault(inspection.Traits.Count / 2);

    /// <summary>
    /// One finding for each image that loses much. They are warnings where many do, and otherwise notes.
    /// </summary>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="preprocessing">Input transform of the network.</param>
    public static IEnumerable<Finding> Of(Inspection inspection, Preprocessing preprocessing)
    {
        (string Name, ImageTraits Traits, double Lost)[] cropped =
        [
            .. inspection
                .Set.Images.Zip(inspection.Traits)
                .Select(pair => (pair.First.Name, pair.Second, LostOf(pair.Second, preprocessing)))
                .Where(image => image.Item3 > MuchLost),
        ];
        Severity severity = AreMany(inspection, preprocessing) ? Severity.Warning : Severity.Note;
        return cropped.Select(image => new Finding(
            FindingKind.CroppedAway,
            severity,
            image.Name,
            $"{image.Traits.Width} x {image.Traits.Height} pixels: the centre crop leaves "
                + $"{Math.Round(100 * image.Lost)} % of it out; the fits pad and squash show all of it"
        )
        {
            Score = Math.Round(image.Lost, 3),
        });
    }

    /// <summary>One line where so many images lose much that their labels were not judged; null otherwise.</summary>
    public static string? Warning(DataReport report) =>
        HardlySeen(report).Count == 0
            ? null
            : $"the centre crop leaves {Math.Round(100 * report.CroppedShare)} % of the usual image out; "
                + "the fits pad and squash show all of it, and cropped images are not judged by their labels";

    /// <summary>
    /// The images of which the network has seen too little to judge their labels, or to find them alike.
    /// </summary>
    public static HashSet<string> HardlySeen(DataReport report) =>
        [
            .. report
                .Findings.Where(finding => finding is { Kind: FindingKind.CroppedAway, Severity: Severity.Warning })
                .Select(finding => finding.Path),
        ];
}
