using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Graft.Imaging;

/// <summary>
/// Turns image files into the network's pixels: planes of red, green and blue, [3,H,W] bytes of 0 to 255. Training,
/// evaluation and prediction use the same code.
/// </summary>
/// <remarks>Thread-safe; keeps nothing between calls.</remarks>
public sealed class Preprocessor
{
    // Decoded pixels per output pixel, along a side, that shrinking while decoding leaves for the exact resize.
    private const int PixelsKept = 2;

    private readonly Augmentation _augmentation;

    /// <summary>Creates a preprocessor whose random views use the default augmentation.</summary>
    /// <param name="preprocessing">Size, resizing and interpolation, from a body or a model file.</param>
    /// <param name="limits">Limits on one image; by default those of <see cref="DecodeLimits"/>.</param>
    /// <exception cref="GraftException">A value is out of its range.</exception>
    public Preprocessor(Preprocessing preprocessing, DecodeLimits? limits = null)
        : this(preprocessing, new Augmentation(), limits) { }

    /// <summary>Creates a preprocessor.</summary>
    /// <param name="preprocessing">Size, resizing and interpolation, from a body or a model file.</param>
    /// <param name="augmentation">Ranges of the random views.</param>
    /// <param name="limits">Limits on one image; by default those of <see cref="DecodeLimits"/>.</param>
    /// <exception cref="GraftException">A value is out of its range.</exception>
    public Preprocessor(Preprocessing preprocessing, Augmentation augmentation, DecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(augmentation);
        Preprocessing = preprocessing.Checked();
        _augmentation = augmentation.Checked();
        Limits = limits ?? new();
    }

    /// <summary>
    /// Version of the code that turns bytes into pixels, random views and libvips included. Caches of anything that
    /// depends on pixels put it into their keys.
    /// </summary>
    /// <exception cref="GraftException">The native library of libvips is missing.</exception>
    // Raise the number with every change to decoding, resizing, colours or random views that changes one pixel.
    public static string RenderingVersion => $"pixels 1, libvips {Vips.Version}";

    /// <summary>Size, resizing and interpolation of this preprocessor.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Limits on one image.</summary>
    public DecodeLimits Limits { get; }

    /// <summary>Bytes of one rendered view: 3 x height x width.</summary>
    public int PixelBytes => 3 * Preprocessing.Height * Preprocessing.Width;

    /// <summary>Renders the plain view of an image file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The pixels, [3,H,W].</returns>
    /// <exception cref="ImageException">
    /// The file cannot be read, is no image, is damaged or exceeds a limit.
    /// </exception>
    public byte[] Render(string path) => Render(ImageFile.Read(path, Limits), path);

    /// <summary>Renders the plain view of the image in a stream, which is read to its end and stays open.</summary>
    /// <param name="stream">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <returns>The pixels, [3,H,W].</returns>
    /// <exception cref="ImageException">The stream is empty, no image, damaged or exceeds a limit.</exception>
    public byte[] Render(Stream stream, string name = "stream") => Render(ImageFile.Read(stream, name, Limits), name);

    /// <summary>Renders the plain view of an image in memory.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <returns>The pixels, [3,H,W].</returns>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    public byte[] Render(byte[] bytes, string name = "image")
    {
        byte[] planes = new byte[PixelBytes];
        Render(bytes, name, [ImageView.Plain], planes);
        return planes;
    }

    /// <summary>
    /// Renders several views of one image, and decodes it once where their sizes allow it. A view is the same whichever
    /// others are rendered with it.
    /// </summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="views">The views to render.</param>
    /// <param name="planes">Receives the pixels, [views,3,H,W]; <see cref="PixelBytes"/> bytes per view.</param>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    public void Render(byte[] bytes, string name, ReadOnlySpan<ImageView> views, Span<byte> planes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        ulong image = views.ContainsAnyExcept(ImageView.Plain) ? KeyOf(bytes) : 0;
        DecodedImage? decoded = null;
        try
        {
            int shrink = 0;
            for (int i = 0; i < views.Length; i++)
            {
                ImageView view = views[i];
                if (decoded is not null && shrink != ShrinkFor(decoded.OriginalWidth, decoded.OriginalHeight, view))
                {
                    decoded.Dispose();
                    decoded = null;
                }

                decoded ??= ImageDecoder.Decode(bytes, name, Limits, (width, height) => ShrinkFor(width, height, view));
                shrink = ShrinkFor(decoded.OriginalWidth, decoded.OriginalHeight, view);
                Render(decoded, image, view, planes.Slice(i * PixelBytes, PixelBytes));
            }
        }
        finally
        {
            decoded?.Dispose();
        }
    }

    /// <summary>Key that random views are drawn from: the first 8 bytes of the content's SHA-256.</summary>
    internal static ulong KeyOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    // All random views of an image share one factor, from the smallest possible crop: a view must not depend on the
    // others drawn with it.
    private int ShrinkFor(int width, int height, ImageView view)
    {
        int shorter = Math.Min(width, height);
        double scale = (view.IsPlain, Preprocessing.Resize) switch
        {
            (false, _) => _augmentation.ShortestCropSide(width, height)
                / Math.Max(Preprocessing.Width, Preprocessing.Height),
            (true, ResizeRule.Squash) => Math.Min(
                (double)width / Preprocessing.Width,
                (double)height / Preprocessing.Height
            ),
            _ => (double)shorter / Preprocessing.ResizeShorter,
        };
        return Math.Max(1, (int)(scale / PixelsKept));
    }

    private void Render(DecodedImage decoded, ulong image, ImageView view, Span<byte> planes)
    {
        if (!view.IsPlain)
        {
            CropWindow crop = _augmentation.Draw(decoded.OriginalWidth, decoded.OriginalHeight, image, view);
            Axis across = new(crop.Left, (double)crop.Width / Preprocessing.Width, 0);
            Axis down = new(crop.Top, (double)crop.Height / Preprocessing.Height, 0);
            Resize(decoded, across, down, crop.IsMirrored, planes);
            return;
        }

        (int width, int height) = PlainSize(decoded.OriginalWidth, decoded.OriginalHeight);
        Resize(
            decoded,
            new(0, (double)decoded.OriginalWidth / width, Centre(width, Preprocessing.Width)),
            new(0, (double)decoded.OriginalHeight / height, Centre(height, Preprocessing.Height)),
            false,
            planes
        );
    }

    // As torchvision's Resize(int) and CenterCrop: the longer side is rounded down, half a pixel to the even number.
    private (int Width, int Height) PlainSize(int width, int height)
    {
        if (Preprocessing.Resize == ResizeRule.Squash)
        {
            return (Preprocessing.Width, Preprocessing.Height);
        }

        long shorter = Preprocessing.ResizeShorter;
        return width <= height
            ? ((int)shorter, (int)(shorter * height / width))
            : ((int)(shorter * width / height), (int)shorter);
    }

    private static int Centre(int size, int crop) => (int)Math.Round((size - crop) / 2.0, MidpointRounding.ToEven);

    private void Resize(DecodedImage decoded, Axis across, Axis down, bool isMirrored, Span<byte> planes)
    {
        double shrink = decoded.Shrink;
        ResampleWeights columns = new(
            decoded.Width,
            across.From / shrink,
            across.Scale / shrink,
            across.Start,
            Preprocessing.Width,
            Preprocessing.Interpolation
        );
        ResampleWeights rows = new(
            decoded.Height,
            down.From / shrink,
            down.Scale / shrink,
            down.Start,
            Preprocessing.Height,
            Preprocessing.Interpolation
        );
        Resampler.Resize(decoded, columns, rows, isMirrored, planes);
    }

    /// <summary>One axis of a resize, in original pixels.</summary>
    /// <param name="From">Where output pixel 0 begins.</param>
    /// <param name="Scale">Original pixels per output pixel.</param>
    /// <param name="Start">First output pixel of the crop.</param>
    private readonly record struct Axis(double From, double Scale, int Start);
}
