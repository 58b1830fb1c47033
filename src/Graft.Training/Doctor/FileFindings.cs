using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training.Doctor;

/// <summary>Finds problems of single files.</summary>
internal static class FileFindings
{
    private const int TinyShare = 4; // enlarged this many times, an image shows only blur
    private const int MinTinySide = 16;
    private const long HugePixels = 50_000_000; // takes seconds to decode, and the network sees 224 x 224 of them
    private const long HugeBytes = 32 << 20;
    private const double MostlyColour = 0.9; // share of the set; only then is a grey image odd

    /// <summary>One finding for each image that is not used.</summary>
    public static IEnumerable<Finding> Of(IEnumerable<RejectedImage> rejected) =>
        rejected.Select(image => new Finding(KindOf(image.Fault), Severity.LeftOut, image.Path, image.Reason));

    /// <summary>Findings about images that are used and differ from what one expects.</summary>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="inputSide">Shorter side of the network's input in pixels.</param>
    public static IEnumerable<Finding> Of(Inspection inspection, int inputSide)
    {
        int coloured = inspection.Traits.Count(traits => !traits.IsGrey);
        bool isGreyOdd = coloured >= MostlyColour * inspection.Traits.Count;
        return inspection
            .Set.Images.Zip(inspection.Traits)
            .SelectMany(pair =>
                Of(pair.First.Name, pair.Second, Math.Max(MinTinySide, inputSide / TinyShare), isGreyOdd)
            );
    }

    private static IEnumerable<Finding> Of(string path, ImageTraits traits, int minSide, bool isGreyOdd) =>
        [.. NameAndSize(path, traits, minSide), .. Encoding(path, traits.Header), .. Content(path, traits, isGreyOdd)];

    private static IEnumerable<Finding> NameAndSize(string path, ImageTraits traits, int minSide)
    {
        string size = $"{traits.Width} x {traits.Height} pixels";
        string extension = Path.GetExtension(path);
        ImageFormat format = traits.Header.Format;
        if (!ImageFormats.ExtensionsOf(format).Contains(extension, StringComparer.OrdinalIgnoreCase))
        {
            yield return Note(
                FindingKind.WrongName,
                path,
                $"its name ends in '{Printable.Text(extension)}', but its content is "
                    + $"{format.ToString().ToUpperInvariant()}; it is read by its content"
            );
        }

        if (Math.Min(traits.Width, traits.Height) < minSide)
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
            yield return Note(
                FindingKind.Huge,
                path,
                $"{size}, {traits.FileBytes / 1e6:0.0} MB: decoding takes long; a smaller copy serves as well"
            );
        }
    }

    private static IEnumerable<Finding> Encoding(string path, ImageHeader header)
    {
        if (header.Frames > 1)
        {
            string frames = header.Format == ImageFormat.Png ? "an animation" : $"{header.Frames} frames or pages";
            yield return Note(FindingKind.Animated, path, $"{frames}: the first is used");
        }

        if (header.Orientation != ImageHeader.Upright)
        {
            yield return Note(
                FindingKind.Rotated,
                path,
                $"stored turned or mirrored (EXIF orientation {header.Orientation}): it is brought upright"
            );
        }

        if (header.IsCmyk)
        {
            yield return Note(FindingKind.Cmyk, path, "its colours are for printing (CMYK): they are converted");
        }

        if (header.LacksEndMarker)
        {
            yield return Note(
                FindingKind.NoEndMarker,
                path,
                "the JPEG file lacks its end marker: all its pixels are there, and it is used"
            );
        }

        if (header.HasOtherBands)
        {
            yield return Note(
                FindingKind.OtherBands,
                path,
                "it has bands that are neither colours nor opacity: they are not used"
            );
        }

        if (header.IsDeep)
        {
            yield return Note(FindingKind.SixteenBit, path, "16 bits per channel: 8 are used");
        }
    }

    private static IEnumerable<Finding> Content(string path, ImageTraits traits, bool isGreyOdd)
    {
        if (traits.IsBlank)
        {
            yield return new(
                FindingKind.Blank,
                Severity.Warning,
                path,
                "nearly uniform: there is little to see; look at it"
            );
        }
        else if (isGreyOdd && traits.IsGrey)
        {
            yield return Note(FindingKind.GreyAmongColour, path, "grey, while nearly all other images are in colour");
        }
    }

    private static Finding Note(FindingKind kind, string path, string text) => new(kind, Severity.Note, path, text);

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
