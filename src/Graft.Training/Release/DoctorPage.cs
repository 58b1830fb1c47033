using Graft.Imaging;
using Graft.Training.Release;

namespace Graft.Training;

/// <summary>The findings of <see cref="DataDoctor"/> with their pictures, as one HTML file.</summary>
public static class DoctorPage
{
    private const int MostOfAKind = 60;

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

    internal static string Write(DataReport report, ImageSet set, DecodeLimits limits)
    {
        Dictionary<string, LabelledImage> images = set.Images.ToDictionary(image => image.Name);
        HtmlPage page = new($"graft doctor: {set.Source}");
        page.Paragraph(
            $"{report.ImageCount:N0} images, {report.UsableCount:N0} of them usable, {report.Classes.Count} classes. {(report.Findings.Count == 0 ? "Nothing found." : "")}"
        );
        foreach (
            IGrouping<FindingKind, Finding> kind in report
                .Findings.GroupBy(finding => finding.Kind)
                .OrderBy(kind => kind.Key)
        )
        {
            string more = kind.Count() > MostOfAKind ? $", the first {MostOfAKind} shown" : "";
            page.Heading(DataReport.Words(kind.Key), $"{kind.Count():N0}{more}").Append($"<div class=cards>");
            foreach (Finding finding in kind.OrderByDescending(finding => finding.Severity).Take(MostOfAKind))
            {
                Card(page, finding, images, limits);
            }

            page.Append($"</div>");
        }

        return page.ToString();
    }

    private static void Card(
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
            page.Append(
                $"{(picture is null ? "" : $"<img alt=\"{HtmlPage.Text(path)}\" src=\"data:image/jpeg;base64,{picture}\">")}"
            );
        }

        page.Append($"<b>{HtmlPage.Text(finding.Path)}</b>{HtmlPage.Text(finding.Text)}</div>");
    }
}
