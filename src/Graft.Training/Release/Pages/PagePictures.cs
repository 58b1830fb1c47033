using System.Collections.Concurrent;
using Graft.Explanation;
using Graft.Imaging;
using NetVips;

namespace Graft.Training.Release;

/// <summary>
/// The pictures of a page: small WebP files in the page itself. Once they have used up their bytes, further pictures
/// are left out.
/// </summary>
/// <param name="limits">What decoding one image may cost.</param>
/// <param name="budget">Bytes that all pictures may take in the page.</param>
internal sealed class PagePictures(DecodeLimits limits, long budget = PagePictures.Budget)
{
    private const long Budget = 3_600_000; // beside about 1 MB of text a page stays below 5 MB
    private const int Side = 160;
    private const int Quality = 70;

    private readonly ConcurrentDictionary<string, string?> _made = new(StringComparer.Ordinal);
    private long _left = budget;

    /// <summary>Makes pictures on all processors, so that <see cref="Of(LabelledImage, string)"/> finds them.</summary>
    public void Prepare(IEnumerable<LabelledImage> images) =>
        Parallel.ForEach(images.DistinctBy(image => image.Name).Where(image => !_made.ContainsKey(image.Name)), image =>
            _made[image.Name] = Make(image)
        );

    /// <summary>An img element; empty where the image cannot be read or there is no room left.</summary>
    /// <param name="image">The image.</param>
    /// <param name="alternative">What it shows. Untrusted text.</param>
    public Markup Of(LabelledImage image, string alternative) =>
        Element(_made.GetOrAdd(image.Name, _ => Make(image)), alternative);

    /// <summary>The heat map over a picture.</summary>
    public Markup Of(ImageExplanation explanation, string alternative)
    {
        byte[] pixels = explanation.ToPixels();
        using Image whole = Image.NewFromMemory(
            pixels,
            explanation.Width,
            explanation.Height,
            3,
            Enums.BandFormat.Uchar
        );
        return Element(Pack(whole), alternative);
    }

    private Markup Element(string? webp, string alternative)
    {
        if (webp is null || webp.Length > _left)
        {
            return Markup.Empty;
        }

        _left -= webp.Length;
        return Markup.Of($"<img alt=\"{alternative}\" src=\"data:image/webp;base64,{new Markup(webp)}\">");
    }

    // null where the image cannot be decoded
    private string? Make(LabelledImage image)
    {
        try
        {
            using DecodedImage decoded = ImageDecoder.Decode(
                image.ReadBytes(limits),
                image.Name,
                limits,
                (width, height) => Math.Max(1, Math.Max(width, height) / Side)
            );
            using Image whole = Image.NewFromMemoryCopy(
                decoded.Pixels,
                decoded.Width,
                decoded.Height,
                3,
                Enums.BandFormat.Uchar
            );
            return Pack(whole);
        }
        catch (Exception error) when (error is ImageException or VipsException)
        {
            return null;
        }
    }

    private static string Pack(Image whole)
    {
        using Image named = whole.Copy(interpretation: Enums.Interpretation.Srgb);
        using Image small = named.ThumbnailImage(Side, height: Side, size: Enums.Size.Down);
        return Convert.ToBase64String(small.WebpsaveBuffer(q: Quality));
    }
}
