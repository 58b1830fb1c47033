using System.Net;
using System.Text;
using Graft.Data;
using Graft.Imaging;
using NetVips;

namespace Graft.Training.Doctor;

/// <summary>The findings with their pictures as one HTML file that needs nothing else: thumbnails lie in it as data.</summary>
internal static class DoctorPage
{
    private const int MostOfAKind = 60;
    private const int ThumbnailSide = 160;
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1c1e;background:#fff}
        h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #ddd}h2 small{color:#666;font-weight:400}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:.75rem}
        .card{border:1px solid #ddd;border-radius:.5rem;padding:.6rem;overflow-wrap:anywhere}.card img{max-height:9rem;max-width:48%;margin-right:2%;border-radius:.25rem}
        .card b{display:block;font-weight:600}.leftOut{border-left:4px solid #c62828}.warning{border-left:4px solid #ef8c00}.note{border-left:4px solid #78909c}
        @media(prefers-color-scheme:dark){body{color:#eee;background:#161618}.card,h2{border-color:#444}h2 small{color:#aaa}}
        """;

    public static string Write(DoctorReport report, ImageSet set, DecodeLimits limits)
    {
        Dictionary<string, string> files = set.Images.ToDictionary(image => image.Path, image => image.File);
        StringBuilder page = new();
        page.Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">");
        page.Append("<meta http-equiv=Content-Security-Policy content=\"default-src 'none';img-src data:;style-src 'unsafe-inline'\">");
        page.Append($"<title>graft doctor: {Text(set.Source)}</title><style>{Style}</style><h1>graft doctor: {Text(set.Source)}</h1>");
        page.Append($"<p>{report.ImageCount:N0} images, {report.UsableCount:N0} of them usable, {report.Classes.Count} classes. {(report.Findings.Count == 0 ? "Nothing found." : "")}</p>");
        foreach (IGrouping<FindingKind, Finding> kind in report.Findings.GroupBy(finding => finding.Kind).OrderBy(kind => kind.Key))
        {
            string more = kind.Count() > MostOfAKind ? $", the first {MostOfAKind} shown" : "";
            page.Append($"<h2>{Text(DoctorReport.Words(kind.Key))} <small>{kind.Count():N0}{more}</small></h2><div class=cards>");
            foreach (Finding finding in kind.OrderByDescending(finding => finding.Severity).Take(MostOfAKind))
            {
                Card(page, finding, files, limits);
            }

            page.Append("</div>");
        }

        return page.Append("</html>\n").ToString();
    }

    private static void Card(StringBuilder page, Finding finding, Dictionary<string, string> files, DecodeLimits limits)
    {
        string severity = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(finding.Severity.ToString());
        page.Append($"<div class=\"card {severity}\">");
        foreach (string path in new[] { finding.Path, finding.Other }.OfType<string>())
        {
            string? picture = files.TryGetValue(path, out string? file) ? Thumbnail(file, limits) : null;
            page.Append(picture is null ? "" : $"<img alt=\"{Text(path)}\" src=\"data:image/jpeg;base64,{picture}\">");
        }

        page.Append($"<b>{Text(finding.Path)}</b>{Text(finding.Text)}</div>");
    }

    private static string Text(string untrusted) => WebUtility.HtmlEncode(Printable.Text(untrusted));

    private static string? Thumbnail(string file, DecodeLimits limits)
    {
        try
        {
            using DecodedImage decoded = ImageDecoder.Decode(ImageBytes.Read(file, limits), file, limits, (width, height) => Math.Max(1, Math.Max(width, height) / ThumbnailSide));
            using Image whole = Image.NewFromMemoryCopy(decoded.Pixels, decoded.Width, decoded.Height, 3, Enums.BandFormat.Uchar);
            using Image named = whole.Copy(interpretation: Enums.Interpretation.Srgb);
            using Image small = named.ThumbnailImage(ThumbnailSide, height: ThumbnailSide, size: Enums.Size.Down);
            return Convert.ToBase64String(small.JpegsaveBuffer(q: 80));
        }
        catch (Exception error) when (error is ImageException or VipsException)
        {
            return null;   // the card says in words what is wrong with it
        }
    }
}
