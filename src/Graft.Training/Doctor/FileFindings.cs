using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training.Doctor;

/// <summary>What is odd about single files.</summary>
internal static class FileFindings
{
    private const int TinyShare = 4; // an image that must be enlarged as much shows blur, not things
    private const int LeastTinySide = 16;
    private const long HugePixels = 50_000_000; // seconds to decode, for a network that sees 224 x 224 of them
    private const long HugeBytes = 32 << 20;
    private const double MostlyColour = 0.9; // of the set: only then is a grey image odd

    private static readonly Dictionary<ImageFormat, string[]> Extensions = new()
    {
        [ImageFormat.Jpeg] = [".jpg", ".jpeg", ".jpe", ".jfif"],
        [ImageFormat.Png] = [".png"],
        [ImageFormat.Webp] = [".webp"],
        [ImageFormat.Bmp] = [".bmp", ".dib"],
        [ImageFormat.Tiff] = [".tif", ".tiff"],
        [ImageFormat.Gif] = [".gif"],
    };

    /// <summary>Images that were left out.</summary>
    public static IEnumerable<Finding> Of(IEnumerable<RejectedImage> rejected) =>
        rejected.Select(image => new Finding(KindOf(image.Fault), Severity.LeftOut, image.Path, image.Reason));

    /// <summary>Images that are used and differ from what one expects.</summary>
    /// <param name="inputSide">The network's, in pixels.</param>
    public static IEnumerable<Finding> Of(Inspection inspection, int inputSide)
    {
        int coloured = inspection.Traits.Count(traits => !traits.IsGrey);
        bool isGreyOdd = coloured >= MostlyColour * inspection.Traits.Count;
        return inspection
            .Set.Images.Zip(inspection.Traits)
            .SelectMany(pair =>
                Of(pair.First.Name, pair.Second, Math.Max(LeastTinySide, inputSide / TinyShare), isGreyOdd)
            );
    }

    private static IEnumerable<Finding> Of(string path, ImageTraits traits, int leastSide, bool isGreyOdd)
    {
        ImageHeader header = traits.Header;
        string size = $"{traits.Width} x {traits.Height} pixels";
        string extension = System.IO.Path.GetExtension(path);
        if (!Extensions[header.Format].Contains(extension, StringComparer.OrdinalIgnoreCase))
        {
            yield return new(
                FindingKind.WrongName,
                Severity.Note,
                path,
                $"its name says '{Printable.Text(extension)}' and its content {header.Format.ToString().ToUpperInvariant()}; it is read as what it is"
            );
        }

        if (Math.Min(traits.Width, traits.Height) < leastSide)
        {
            yield return new(
                FindingKind.Tiny,
                Severity.Warning,
                path,
                $"{size}: enlarged to the network's input it shows little; find a larger one"
            );
        }

        if ((long)traits.Width * traits.Height > HugePixels || traits.FileBytes > HugeBytes)
        {
            yield return new(
                FindingKind.Huge,
                Severity.Note,
                path,
                $"{size}, {traits.FileBytes / 1e6:0.0} MB: it takes long to decode; a smaller copy does as well"
            );
        }

        if (header.Frames > 1)
        {
            string frames = header.Format == ImageFormat.Png ? "an animation" : $"{header.Frames} frames or pages";
            yield return new(FindingKind.Animated, Severity.Note, path, $"{frames}: the first is used");
        }

        if (header.Orientation != ImageHeader.Upright)
        {
            yield return new(
                FindingKind.Rotated,
                Severity.Note,
                path,
                $"its camera noted that it lies on a side or its head (EXIF orientation {header.Orientation}): it is turned upright"
            );
        }

        if (header.IsCmyk)
        {
            yield return new(
                FindingKind.Cmyk,
                Severity.Note,
                path,
                "its colours are for printing (CMYK): they are converted"
            );
        }

        if (header.IsDeep)
        {
            yield return new(FindingKind.SixteenBit, Severity.Note, path, "16 bits a sample: 8 are used");
        }

        if (traits.IsBlank)
        {
            yield return new(
                FindingKind.Blank,
                Severity.Warning,
                path,
                "an even area: there is nothing to see; look at it"
            );
        }
        else if (isGreyOdd && traits.IsGrey)
        {
            yield return new(
                FindingKind.GreyAmongColour,
                Severity.Note,
                path,
                "grey, where nearly all others have colours"
            );
        }
    }

    private static FindingKind KindOf(ImageFault fault) =>
        fault switch
        {
            ImageFault.Damaged => FindingKind.Damaged,
            ImageFault.Truncated => FindingKind.Truncated,
            ImageFault.Empty => FindingKind.Empty,
            ImageFault.NotAnImage => FindingKind.NotAnImage,
            ImageFault.UnsupportedFormat => FindingKind.ForeignFormat,
            ImageFault.OverLimit => FindingKind.OverLimit,
            ImageFault.UnsupportedColors => FindingKind.OddColours,
            ImageFault.Missing => FindingKind.Missing,
            ImageFault.LinkNotFollowed => FindingKind.Link,
            ImageFault.Misplaced => FindingKind.Misplaced,
            _ => FindingKind.Unreadable,
        };
}
