using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Graft.Imaging;

/// <summary>
/// Turns image files into the pixels that a network takes: three planes, R, G, B, of <see cref="Preprocessing.Height"/>
/// x <see cref="Preprocessing.Width"/> bytes, 0..255.
/// The same code serves training, evaluation and prediction. Thread-safe; keeps nothing between calls.
/// </summary>
public sealed class Preprocessor
{
    /// <summary>
    /// How many pixels an output pixel is made of, along a side, at least, after shrinking while decoding; the exact
    /// resize does the rest.
    /// </summary>
    private const int PixelsKept = 2;

    /// <summary>
    /// Names how bytes become pixels, views included: part of the key of all that is kept of them. To be raised with
    /// every change to the decoder, the resize, the
    /// preparation of colours or the drawing of views that changes one pixel: what was kept before is then not found
    /// any more.
    /// </summary>
    public static string RenderingVersion { get; } =
        $"pixels 1, libvips {NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";

    private readonly Augmentation augmentation;

    /// <param name="preprocessing">The recipe, as the body or the model file gives it.</param>
    /// <param name="limits">What one image may cost; absent: the defaults of <see cref="DecodeLimits"/>.</param>
    /// <exception cref="GraftException">A value of the recipe is out of its range.</exception>
    public Preprocessor(Preprocessing preprocessing, DecodeLimits? limits = null)
        : this(preprocessing, new Augmentation(), limits) { }

    public Preprocessor(Preprocessing preprocessing, Augmentation augmentation, DecodeLimits? limits = null)
    {
        Preprocessing = preprocessing.Checked();
        this.augmentation = augmentation.Checked();
        Limits = limits ?? new();
    }

    /// <summary>The recipe.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>What one image may cost.</summary>
    public DecodeLimits Limits { get; }

    /// <summary>The bytes of one rendering: 3 x height x width.</summary>
    public int PixelBytes => 3 * Preprocessing.Height * Preprocessing.Width;

    /// <summary>The plain view of an image file: 3 x height x width bytes.</summary>
    /// <exception cref="ImageException">It cannot be read, is not an image, is damaged or is over a limit.</exception>
    public byte[] Render(string path) => Render(ImageFile.Read(path, Limits), path);

    /// <summary>
    /// The plain view of the image in a stream, which is read to its end and stays open: 3 x height x width bytes.
    /// </summary>
    /// <exception cref="ImageException">It is empty, not an image, damaged or over a limit.</exception>
    public byte[] Render(Stream stream, string name = "stream") => Render(ImageFile.Read(stream, name, Limits), name);

    /// <summary>
    /// The plain view of the image whose file <paramref name="bytes"/> holds: 3 x height x width bytes.
    /// </summary>
    /// <exception cref="ImageException">It is not an image, is damaged or is over a limit.</exception>
    public byte[] Render(byte[] bytes, string name = "image")
    {
        byte[] planes = new byte[PixelBytes];
        Render(bytes, name, [ImageView.Plain], planes);
        return planes;
    }

    /// <summary>
    /// Several views of one image, one after the other in <paramref name="planes"/>, decoded once where their sizes
    /// allow it.
    /// </summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="views">Each is the same whichever others are asked for with it.</param>
    /// <param name="planes">At least views x <see cref="PixelBytes"/> bytes.</param>
    public void Render(byte[] bytes, string name, ReadOnlySpan<ImageView> views, Span<byte> planes)
    {
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

    /// <summary>What random views of an image are drawn from: the first 8 bytes of its content's SHA-256.</summary>
    internal static ulong KeyOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    // The same for all random views, from the smallest crop there can be: a view must not depend on the others drawn
    // with it.
    private int ShrinkFor(int width, int height, ImageView view)
    {
        int shorter = Math.Min(width, height);
        double scale = (view.IsPlain, Preprocessing.Resize) switch
        {
            (false, _) => augmentation.ShortestCropSide(width, height)
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
            CropWindow crop = augmentation.Draw(decoded.OriginalWidth, decoded.OriginalHeight, image, view);
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

    // As torchvision's Resize(int) and CenterCrop: the longer side is rounded down, half a pixel goes to the even
    // number.
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

    /// <summary>
    /// One axis of a resize, in original pixels: where it begins, how many an output pixel covers, and the first output
    /// pixel wanted.
    /// </summary>
    private readonly record struct Axis(double From, double Scale, int Start);
}
