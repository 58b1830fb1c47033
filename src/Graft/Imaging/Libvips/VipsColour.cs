using NetVips;

namespace Graft.Imaging;

/// <summary>Converts an image that libvips loaded to three channels of 8-bit sRGB.</summary>
internal static class VipsColour
{
    private static readonly double[] s_white = [255, 255, 255];

    /// <summary>Refuses a TIFF of several bands of which nobody says which are colours.</summary>
    public static void Check(TiffBands? bands, string name)
    {
        if (bands?.HasUnnamedColours == true)
        {
            throw Unsupported(
                name,
                $"it does not say which of its {bands.Samples} bands are red, green and blue; convert it to 8-bit RGB"
            );
        }
    }

    /// <summary>
    /// Refuses samples without an agreed meaning as colours: floating point, signed or 32-bit numbers, more than five
    /// channels without names.
    /// </summary>
    /// <param name="image">The opened image.</param>
    /// <param name="bands">Meaning of the bands of a TIFF; null for other formats.</param>
    /// <param name="name">Name of the image in error messages.</param>
    public static void Check(Image image, TiffBands? bands, string name)
    {
        if (image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
        {
            throw Unsupported(name, $"its samples are {image.Format}, not 8 or 16 bits; convert it to an 8-bit image");
        }

        if (image.Bands is < 1 or > 5 && !IsNamed(image, bands))
        {
            throw Unsupported(
                name,
                $"{image.Bands} channels are not grey, RGB or CMYK; convert it to an 8-bit RGB image"
            );
        }
    }

    /// <summary>Whether <see cref="ToSrgb"/> drops bands that are neither colours nor opacity.</summary>
    public static bool HasOtherBands(Image image, TiffBands? bands) =>
        IsNamed(image, bands) && image.Bands > bands!.Colours + (bands.Alpha is null ? 0 : 1);

    /// <summary>Returns an image of three 8-bit channels, with transparency on white.</summary>
    /// <param name="image">The loaded image.</param>
    /// <param name="bands">Meaning of the bands of a TIFF; null for other formats.</param>
    public static Image ToSrgb(Image image, TiffBands? bands)
    {
        using Image meant = IsNamed(image, bands) ? WithoutOtherBands(image, bands!) : image.Copy();
        using Image interpreted = WithInterpretation(meant);
        using Image colour = Convert(interpreted);
        using Image opaque = colour.HasAlpha() ? colour.Flatten(s_white) : colour.Copy();
        using Image three = opaque.Bands > 3 ? opaque.ExtractBand(0, 3) : opaque.Copy();
        return three.Cast(Enums.BandFormat.Uchar);
    }

    private static bool IsNamed(Image image, TiffBands? bands) =>
        bands is { Colours: > 0 } && bands.Samples == image.Bands && image.Bands > bands.Colours;

    // Keeps the colours and the opacity. Near infrared and the like are no transparency.
    private static Image WithoutOtherBands(Image image, TiffBands bands)
    {
        using Image colours = image.ExtractBand(0, bands.Colours);
        if (bands.Alpha is not int alpha || alpha >= image.Bands)
        {
            return colours.Copy();
        }

        using Image opacity = image.ExtractBand(alpha);
        return colours.Bandjoin(opacity);
    }

    private static ImageException Unsupported(string name, string reason) =>
        new(name, reason) { Fault = ImageFault.UnsupportedColors };

    private static Image WithInterpretation(Image image)
    {
        if (image.Interpretation != Enums.Interpretation.Multiband)
        {
            return image.Copy();
        }

        bool isDeep = image.Format == Enums.BandFormat.Ushort;
        return image.Copy(
            interpretation: (image.Bands <= 2, isDeep) switch
            {
                (true, true) => Enums.Interpretation.Grey16,
                (true, false) => Enums.Interpretation.Bw,
                (false, true) => Enums.Interpretation.Rgb16,
                (false, false) => Enums.Interpretation.Srgb,
            }
        );
    }

    private static Image Convert(Image image)
    {
        if (HasForeignProfile(image))
        {
            try
            {
                // relative intent and 8 bits, as vips_thumbnail: the network sees what a viewer shows
                return image.IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative, depth: 8);
            }
            catch (VipsException)
            {
                // a damaged profile does not damage the pixels: viewers ignore it too
            }
        }

        return image.Colourspace(Enums.Interpretation.Srgb);
    }

    // Most profiles are sRGB under one of its names. Converting them would cost more than decoding and change nothing.
    private static bool HasForeignProfile(Image image) =>
        image.Contains("icc-profile-data")
        && image.Get("icc-profile-data") is byte[] profile
        && !IccProfile.IsSrgb(profile);
}
