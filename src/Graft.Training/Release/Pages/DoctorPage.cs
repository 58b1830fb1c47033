using Graft.Imaging;
using Graft.Training.Release;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training;

/// <summary>The findings of <see cref="DataDoctor"/> with their pictures, as one HTML file.</summary>
public static class DoctorPage
{
    private const int MaxShownPerKind = 60;
    private const long PictureBudget = 20_000_000;

    /// <summary>The page; thumbnails are embedded in it.</summary>
    /// <param name="report">What was found.</param>
    /// <exception cref="ArgumentException">The report was read from a file: it has no images.</exception>
    public static string ToHtml(DataReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ImageSet set = report.Set
            ?? throw new ArgumentException("the report has no images: examine them again", nameof(report));
        return Write(report, set, report.Limits);
    }

    private static string Write(DataReport report, ImageSet set, DecodeLimits limits)
    {
        FindingCards cards = new(set.Images, new(limits, PictureBudget));
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Source));
        string nothing = report.Findings.Count == 0 ? " Nothing was found." : "";
        return PageTemplate
            .Render(
                "page",
                new
                {
                    Title = $"{name}: Graft doctor",
                    Style = new Markup(PageTemplate.Read("style.css")),
                    Kicker = "Graft doctor",
                    Heading = name,
                    Headline = Block.Paragraph(
                        $"""
                        {Counted(report.ImageCount, "image")}, {report.UsableCount:N0} of them usable,
                        {report.Classes.Count} classes.{nothing}
                        """
                    ),
                    Sections = report
                        .Findings.GroupBy(finding => finding.Kind)
                        .OrderBy(kind => kind.Key)
                        .Select(kind => SectionOf(kind, cards))
                        .ToArray(),
                    Footer = "This file loads nothing from other places.",
                }
            )
            .Html;
    }

    private static PageSection SectionOf(IGrouping<FindingKind, Finding> kind, FindingCards cards)
    {
        string words = DataReport.Words(kind.Key);
        string more = kind.Count() > MaxShownPerKind ? $", the first {MaxShownPerKind} shown" : "";
        return new(
            $"{kind.Key}".ToLowerInvariant(),
            char.ToUpperInvariant(words[0]) + words[1..],
            $"{Counted(kind.Count(), "finding")}{more}.",
            [cards.Of([.. kind.OrderByDescending(finding => finding.Severity).Take(MaxShownPerKind)])]
        );
    }
}
