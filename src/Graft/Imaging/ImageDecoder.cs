using NetVips;

namespace Graft.Imaging;

/// <summary>Chooses how many times smaller an image may be decoded along each side; 1 is full size.</summary>
/// <param name="width">Width of the upright image in pixels.</param>
/// <param name="height">Height of the upright image in pixels.</param>
public delegate int ShrinkRule(int width, int height);

/// <summary>
/// Decodes JPEG, PNG, WebP, TIFF and GIF (its first frame) by libvips and BMP by <see cref="BmpReader"/>: upright,
/// sRGB, 8 bits, transparency on white.
/// Thread-safe; decode many images at once rather than one on many threads.
/// </summary>
public static class ImageDecoder
{
    private const long MostPixels = 700_000_000; // 3 bytes each must fit into one array, whatever the limits say
    private const int FirstOrientationOnItsSide = 5; // EXIF orientations 5 to 8 swap width and height

    /// <summary>The image in <paramref name="bytes"/>; the caller disposes it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">Checked before pixels are reserved.</param>
    /// <param name="shrink">Absent: full size.</param>
    /// <exception cref="ImageException">It is not an image, is damaged or is over a limit.</exception>
    public static DecodedImage Decode(byte[] bytes, string name, DecodeLimits? limits = null, ShrinkRule? shrink = null)
    {
        limits ??= new();
        shrink ??= static (_, _) => 1;
        if (bytes.LongLength > limits.FileBytes)
        {
            throw ImageFile.TooLong(name, bytes.LongLength, limits);
        }

        ImageFormat format = ImageSignature.Detect(bytes);
        if (format == ImageFormat.Unknown)
        {
            throw ImageSignature.Explain(name, bytes.AsSpan(0, Math.Min(bytes.Length, ImageSignature.Length)));
        }

        if (format == ImageFormat.Bmp)
        {
            return BmpReader.Read(bytes, name, limits);
        }

        Vips.Prepare();
        try
        {
            return Decode(bytes, format, name, limits, shrink);
        }
        catch (VipsException error)
        {
            // libvips keeps one error text for all threads: under load it may be another image's, so the reason is read
            // from the bytes
            throw ImageDamage.Describe(name, format, bytes, error);
        }
    }

    /// <summary>Throws where a header's size is over a limit.</summary>
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
            throw new ImageException(
                name,
                $"{width} x {height} pixels, and a side may have {limits.Side}; make it smaller, or list it in ignore.txt"
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }

        long most = Math.Min(limits.Pixels, MostPixels);
        if (width * height > most)
        {
            throw new ImageException(
                name,
                $"{width} x {height} pixels, and {most / 1e6:0.#} million are the limit; make it smaller, or list it in ignore.txt"
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }
    }

    private static DecodedImage Decode(
        byte[] bytes,
        ImageFormat format,
        string name,
        DecodeLimits limits,
        ShrinkRule shrinkRule
    )
    {
        using Image header = Load(bytes, format, 1);
        Check(header.Width, header.Height, name, limits);
        VipsColour.Check(header, name);
        DecodeCost.Check(header, format, bytes, name, limits);
        ImageHeader facts = ImageHeader.Of(header, format, bytes);
        bool onItsSide = facts.Orientation >= FirstOrientationOnItsSide;
        (int width, int height) = onItsSide ? (header.Height, header.Width) : (header.Width, header.Height);

        int shrink = Math.Max(1, shrinkRule(width, height));
        int onLoad = format == ImageFormat.Jpeg ? JpegShrink(shrink) : 1;
        int rest = shrink / onLoad;
        shrink = onLoad * rest;

        using Image loaded = onLoad == 1 ? header.Copy() : Load(bytes, format, onLoad);
        using Image colour = VipsColour.ToSrgb(loaded);
        using Image small = rest == 1 ? colour.Copy() : colour.Shrink(rest, rest);
        using Image upright = facts.Orientation == ImageHeader.Upright ? small.Copy() : Upright(small, name, limits);
        using DecodeTimeout clock = new(upright, name, limits);
        return clock.Run(() => ToMemory(upright, facts, width, height, shrink, name));
    }

    private static Image Load(byte[] bytes, ImageFormat format, int shrink)
    {
        const Enums.Access Streamed = Enums.Access.Sequential;
        // truncation and errors; not a camera's harmless slips, which libvips only warns of
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
        using DecodeTimeout clock = new(streamed, name, limits);
        // rotation reads columns: rows that stream past are not enough
        using Image inMemory = clock.Run(streamed.CopyMemory);
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
                $"{image.Bands} channels of {image.Format} are no colour image; convert it to 8-bit RGB, or list it in ignore.txt"
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
