using System.Diagnostics;
using NetVips;

namespace Graft.Imaging;

/// <summary>Chooses how many times smaller an image may be decoded along each side; 1 is full size.</summary>
/// <param name="width">Width of the upright image in pixels.</param>
/// <param name="height">Height of the upright image in pixels.</param>
public delegate int ShrinkRule(int width, int height);

/// <summary>
/// Decodes JPEG, PNG, WebP, TIFF and GIF (first frame) with libvips, and BMP with its own reader. The result is upright
/// 8-bit sRGB with transparency on white.
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

        Vips.Prepare();
        try
        {
            return DecodingTelemetry.Count(Decode(bytes, format, name, limits, shrink), format, start);
        }
        catch (VipsException error)
        {
            // libvips keeps one error text for all threads. Under load it may belong to another image, so the reason
            // is derived from the bytes.
            throw ImageDamage.Describe(name, format, bytes, error);
        }
    }

    /// <summary>Refuses an image whose header declares a size over a limit.</summary>
    internal static void Check(long width, long height, string name, DecodeLimits limits)
    {
        if (width < 1 || height < 1)
        {
            throw new ImageException(
                name,
                $"its header says {width} x {height} pixels; delete it or list it in ignore.txt"
            );
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
        new(name, $"{reason}; make it smaller, or list it in ignore.txt") { Fault = ImageFault.OverLimit };

    private static DecodedImage Decode(
        byte[] bytes,
        ImageFormat format,
        string name,
        DecodeLimits limits,
        ShrinkRule shrinkRule
    )
    {
        using Image opened = Load(bytes, format, 1);
        Check(opened.Width, opened.Height, name, limits);
        VipsColour.Check(opened, name);
        DecodeCost.Check(opened, format, bytes, name, limits);
        ImageHeader header = ImageHeader.Of(opened, format, bytes);
        bool isSideways = header.Orientation >= FirstSidewaysOrientation;
        (int width, int height) = isSideways ? (opened.Height, opened.Width) : (opened.Width, opened.Height);

        int shrink = Math.Max(1, shrinkRule(width, height));
        int onLoad = format == ImageFormat.Jpeg ? JpegShrink(shrink) : 1;
        int rest = shrink / onLoad;
        shrink = onLoad * rest;

        using Image loaded = onLoad == 1 ? opened.Copy() : Load(bytes, format, onLoad);
        using Image colour = VipsColour.ToSrgb(loaded);
        using Image small = rest == 1 ? colour.Copy() : colour.Shrink(rest, rest);
        using Image upright = header.Orientation == ImageHeader.Upright ? small.Copy() : Upright(small, name, limits);
        using DecodeTimeout timeout = new(upright, name, limits);
        return timeout.Run(() => ToMemory(upright, header, width, height, shrink, name));
    }

    private static Image Load(byte[] bytes, ImageFormat format, int shrink)
    {
        const Enums.Access Streamed = Enums.Access.Sequential;
        // Refuses truncation and errors, but not a camera's harmless slips, of which libvips only warns.
        const Enums.FailOn Damage = Enums.FailOn.Error;
        return format switch
        {
            ImageFormat.Jpeg => Image.JpegloadBuffer(bytes, shrink: shrink, access: Streamed, failOn: Damage),
            ImageFormat.Png => Image.PngloadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Webp => Image.WebploadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Tiff => Image.TiffloadBuffer(bytes, access: Streamed, failOn: Damage),
            ImageFormat.Gif => Image.GifloadBuffer(bytes, access: Streamed, failOn: Damage),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    private static int JpegShrink(int shrink) =>
        shrink switch
        {
            >= 8 => 8,
            >= 4 => 4,
            >= 2 => 2,
            _ => 1,
        };

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
                $"{image.Bands} channels of {image.Format} are no colour image; "
                    + "convert it to 8-bit RGB, or list it in ignore.txt"
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
