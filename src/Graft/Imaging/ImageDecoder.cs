using System.Diagnostics;
using NetVips;

namespace Graft.Imaging;

/// <summary>Chooses how many times smaller an image may be decoded along each side; 1 is full size.</summary>
/// <param name="width">Width of the upright image in pixels.</param>
/// <param name="height">Height of the upright image in pixels.</param>
public delegate int ShrinkRule(int width, int height);

/// <summary>
/// Decodes JPEG, PNG, WebP, AVIF, TIFF and GIF (first frame) with libvips, and BMP and PNM with its own readers. The
/// result is upright 8-bit sRGB with transparency on white.
/// </summary>
/// <remarks>Thread-safe. Decode many images at once rather than one image on many threads.</remarks>
public static class ImageDecoder
{
    private const long MostPixels = 700_000_000; // 3 bytes each must fit in one array, whatever the limits are
    private const int FirstSidewaysOrientation = 5; // EXIF orientations 5 to 8 swap width and height

    /// <summary>Decodes one image.</summary>
    /// <param name="bytes">Content of the whole file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="limits">
    /// Limits on size and time, checked before memory is reserved; by default those of <see cref="DecodeLimits"/>.
    /// </param>
    /// <param name="shrink">How far the image may be shrunk while it is decoded; by default not at all.</param>
    /// <returns>The image, which the caller disposes.</returns>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    public static DecodedImage Decode(byte[] bytes, string name, DecodeLimits? limits = null, ShrinkRule? shrink = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        limits ??= new();
        shrink ??= static (_, _) => 1;
        if (bytes.LongLength > limits.FileBytes)
        {
            throw ImageFile.TooLong(name, bytes.LongLength, limits);
        }

        long start = Stopwatch.GetTimestamp();
        ImageFormat format = ImageSignature.Detect(bytes);
        if (format == ImageFormat.Unknown)
        {
            throw ImageSignature.Explain(name, bytes.AsSpan(0, Math.Min(bytes.Length, ImageSignature.Length)));
        }

        if (format == ImageFormat.Bmp)
        {
            return DecodingTelemetry.Count(BmpReader.Read(bytes, name, limits), format, start);
        }

        if (format == ImageFormat.Pnm)
        {
            return DecodingTelemetry.Count(PnmReader.Read(bytes, name, limits), format, start);
        }

        Vips.Prepare();
        DecodedImage decoded = VipsErrors.Run(
            () => Decode(bytes, format, name, limits, shrink),
            error => ImageDamage.IsWhole(format, bytes) ? null : ImageDamage.EndsEarly(name, format, error),
            error => ImageDamage.Describe(name, format, bytes, error)
        );
        return DecodingTelemetry.Count(decoded, format, start);
    }

    /// <summary>Refuses an image whose header declares a size over a limit.</summary>
    internal static void Check(long width, long height, string name, DecodeLimits limits)
    {
        if (width < 1 || height < 1)
        {
            throw new ImageException(name, $"its header says {width} x {height} pixels");
        }

        if (width > limits.Side || height > limits.Side)
        {
            throw OverLimit(name, $"{width} x {height} pixels, and a side may have {limits.Side}");
        }

        long most = Math.Min(limits.Pixels, MostPixels);
        if (width * height > most)
        {
            throw OverLimit(name, $"{width} x {height} pixels, and {most / 1e6:0.#} million are the limit");
        }
    }

    private static ImageException OverLimit(string name, string reason) =>
        new(name, $"{reason}; make it smaller") { Fault = ImageFault.OverLimit };

    private static DecodedImage Decode(
        byte[] bytes,
        ImageFormat format,
        string name,
        DecodeLimits limits,
        ShrinkRule shrinkRule
    )
    {
        bool lacksEnd = format == ImageFormat.Jpeg && !JpegEnd.IsMarked(bytes);
        TiffBands? bands = format == ImageFormat.Tiff ? TiffBands.Read(bytes) : null;
        if (lacksEnd && !JpegEnd.HasAllScans(bytes))
        {
            throw ImageDamage.EndsEarly(name, format);
        }

        byte[] file = bytes;
        bytes = lacksEnd ? JpegEnd.Close(file) : bands?.IsGreyRgb == true ? bands.AsRgb(file) : file;
        VipsColour.Check(bands, name);
        if (format == ImageFormat.Avif)
        {
            AvifSizes.Check(bytes, name, limits);
        }

        using Image opened = VipsLoader.Load(bytes, format, 1);
        Check(opened.Width, opened.Height, name, limits);
        VipsColour.Check(opened, bands, name);
        DecodeCost.Check(opened, format, bytes, name, limits);
        if (lacksEnd)
        {
            VipsLoader.CheckAllBlocks(file, name, limits);
        }

        ImageHeader header = ImageHeader.Of(opened, format, bytes) with
        {
            LacksEndMarker = lacksEnd,
            HasOtherBands = VipsColour.HasOtherBands(opened, bands),
        };
        bool isSideways = header.Orientation >= FirstSidewaysOrientation;
        (int width, int height) = isSideways ? (opened.Height, opened.Width) : (opened.Width, opened.Height);

        (int onLoad, int rest) = ShrinkSteps(format, Math.Max(1, shrinkRule(width, height)));
        using Image loaded = onLoad == 1 ? opened.Copy() : VipsLoader.Load(bytes, format, onLoad);
        using Image colour = VipsColour.ToSrgb(loaded, bands);
        using Image small = rest == 1 ? colour.Copy() : colour.Shrink(rest, rest);
        using Image upright = header.Orientation == ImageHeader.Upright ? small.Copy() : Upright(small, name, limits);
        using DecodeTimeout timeout = new(upright, name, limits);
        return timeout.Run(() => ToMemory(upright, header, width, height, onLoad * rest, name));
    }

    // A JPEG is shrunk while it is decoded, which is much faster; what is left, afterwards.
    private static (int OnLoad, int After) ShrinkSteps(ImageFormat format, int shrink)
    {
        int onLoad = format == ImageFormat.Jpeg ? VipsLoader.JpegShrink(shrink) : 1;
        return (onLoad, shrink / onLoad);
    }

    private static Image Upright(Image streamed, string name, DecodeLimits limits)
    {
        using DecodeTimeout timeout = new(streamed, name, limits);
        // rotation reads columns, for which streamed rows do not suffice
        using Image inMemory = timeout.Run(streamed.CopyMemory);
        return inMemory.Autorot();
    }

    private static DecodedImage ToMemory(
        Image image,
        ImageHeader header,
        int originalWidth,
        int originalHeight,
        int shrink,
        string name
    )
    {
        if (image.Bands != 3 || image.Format != Enums.BandFormat.Uchar)
        {
            throw new ImageException(
                name,
                $"{image.Bands} channels of {image.Format} are no colour image; convert it to 8-bit RGB"
            )
            {
                Fault = ImageFault.UnsupportedColors,
            };
        }

        DecodedImage decoded = new(image.Width, image.Height, originalWidth, originalHeight, shrink)
        {
            Header = header,
        };
        nint memory = 0;
        try
        {
            memory = image.WriteToMemory(out ulong size);
            unsafe
            {
                new ReadOnlySpan<byte>((void*)memory, checked((int)size)).CopyTo(decoded.Pixels);
            }

            return decoded;
        }
        catch
        {
            decoded.Dispose();
            throw;
        }
        finally
        {
            if (memory != 0)
            {
                NetVips.NetVips.Free(memory);
            }
        }
    }
}
