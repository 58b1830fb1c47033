using Graft.Imaging;
using Graft.Training.Release;

namespace Graft.Training;

/// <summary>The findings of <see cref="DataDoctor"/> with their pictures, as one HTML file.</summary>
public static class DoctorPage
{
    private const int MaxShownPerKind = 60;

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
        string nothing = report.Findings.Count == 0 ? " Nothing was found." : "";
        Dictionary<string, LabelledImage> images = set.Images.ToDictionary(image => image.Name);
        HtmlPage page = new($"graft doctor: {set.Source}");
        page.Paragraph(
            $"{report.ImageCount:N0} images, {report.UsableCount:N0} of them usable, {report.Classes.Count} classes."
                + nothing
        );
        var kinds = report.Findings.GroupBy(finding => finding.Kind).OrderBy(kind => kind.Key);
        foreach (IGrouping<FindingKind, Finding> kind in kinds)
        {
            string more = kind.Count() > MaxShownPerKind ? $", the first {MaxShownPerKind} shown" : "";
            page.Heading(DataReport.Words(kind.Key), $"{kind.Count():N0}{more}").Append($"<div class=cards>");
            foreach (Finding finding in kind.OrderByDescending(finding => finding.Severity).Take(MaxShownPerKind))
            {
                AddCard(page, finding, images, limits);
            }

            page.Append($"</div>");
        }

        return page.ToString();
    }

    private static void AddCard(
        HtmlPage page,
        Finding finding,
        Dictionary<string, LabelledImage> images,
        DecodeLimits limits
    )
    {
        string severity = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(finding.Severity.ToString());
        page.Append($"<div class=\"card {severity}\">");
        foreach (string path in new[] { finding.Path, finding.Other }.OfType<string>())
        {
            string? picture = images.TryGetValue(path, out LabelledImage? image) ? Thumbnail.Of(image, limits) : null;
            page.Picture(picture, path);
        }

        page.Append($"<b>{HtmlPage.Text(finding.Path)}</b>{HtmlPage.Text(finding.Text)}</div>");
    }
}
