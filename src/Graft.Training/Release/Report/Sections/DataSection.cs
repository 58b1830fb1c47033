using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The images of the run: counts, pictures of each class, and the doctor's findings.</summary>
internal static class DataSection
{
    private const int MaxClasses = 40;
    private const int PicturesPerClass = 4;
    private const int MaxKinds = 12;
    private const int FindingsPerKind = 6;

    public static PageSection Of(ReportSource source, PagePictures pictures)
    {
        List<Markup> blocks = [Counts(source)];
        AddFindings(blocks, source, pictures);
        string[] classes = [.. source.Evaluation.Classes.Select(one => one.Name)];
        if (source.HasPictures && classes.Length <= MaxClasses)
        {
            blocks.Add(Block.Heading("Pictures of each class"));
            blocks.Add(Pictures(source, classes, pictures));
        }

        return new(
            "data",
            "Data",
            $"""
            {Counted(source.Images.Count, "image")}. The network learns from the training images, choices are made
            on the validation images, and the test images are seen once, at the end.
            """,
            blocks
        );
    }

    private static Markup Counts(ReportSource source)
    {
        ImagePart[] parts = [ImagePart.Train, ImagePart.Validation, ImagePart.Test];
        Markup table = Block.Table(
            "Images of each class and part",
            ["class", "train", "validation", "test"],
            source
                .Evaluation.Classes.Select(one => one.Name)
                .Select(name => new PageRow([name, .. parts.Select(part => Plain(source.CountOf(name, part)))]))
                .Append(
                    new PageRow([
                        "all images",
                        .. parts.Select(part => Plain(source.Images.Count(image => image.Part == part))),
                    ])
                    {
                        IsTotal = true,
                    }
                )
        );
        return ReportCharts.Images(source) is { } chart ? Block.Chart(chart, "", table) : table;
    }

    private static string Plain(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static void AddFindings(List<Markup> blocks, ReportSource source, PagePictures pictures)
    {
        IGrouping<FindingKind, Finding>[] kinds =
        [
            .. (source.Doctor?.Findings ?? [])
                .Where(finding => finding.Kind is not (FindingKind.WrongLabel or FindingKind.MissingLabel))
                .GroupBy(finding => finding.Kind)
                .OrderByDescending(kind => kind.Max(finding => finding.Severity))
                .ThenBy(kind => kind.Key),
        ];
        if (source.Doctor is null || kinds.Length == 0)
        {
            return;
        }

        blocks.Add(Block.Heading("What the doctor found"));
        FindingCards cards = new(source.Images, pictures);
        foreach (IGrouping<FindingKind, Finding> kind in kinds.Take(MaxKinds))
        {
            int count = kind.Count();
            string shown = OnlyShown(count, FindingsPerKind);
            blocks.Add(
                Block.Details(
                    $"{DataReport.Words(kind.Key)}: {count.ToString("N0", CultureInfo.InvariantCulture)}{shown}",
                    cards.Of([.. kind.OrderByDescending(finding => finding.Severity).Take(FindingsPerKind)])
                )
            );
        }
    }

    private static Markup Pictures(ReportSource source, string[] classes, PagePictures pictures)
    {
        (string Name, LabelledImage[] Images)[] shown =
        [
            .. classes.Select(name =>
                (
                    name,
                    source
                        .Images.Where(image => image.Part == ImagePart.Train && image.Labels.Contains(name))
                        .Take(PicturesPerClass)
                        .ToArray()
                )
            ),
        ];
        pictures.Prepare(shown.SelectMany(one => one.Images));
        return PageTemplate.Render(
            "gallery",
            new
            {
                Classes = shown
                    .Select(one => new
                    {
                        one.Name,
                        Pictures = one.Images.Select(image => pictures.Of(image, image.Name)).ToArray(),
                    })
                    .ToArray(),
            }
        );
    }
}
