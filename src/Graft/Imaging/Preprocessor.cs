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
    private readonly ViewGeometry _geometry;

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
        _geometry = new(Preprocessing, augmentation.Checked());
        Limits = limits ?? new();
    }

    /// <summary>
    /// Version of the code that turns bytes into pixels, random views and libvips included. Caches of anything that
    /// depends on pixels put it into their keys.
    /// </summary>
    /// <exception cref="GraftException">The native library of libvips is missing.</exception>
    // Raise the number with every change to decoding, resizing, colours or random views that changes one pixel.
    public static string RenderingVersion => $"pixels 3, libvips {Vips.Version}";

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
    public byte[] Render(byte[] bytes, string name = "image") => Render(bytes, name, out _);

    /// <inheritdoc cref="Render(byte[], string)"/>
    /// <param name="header">Receives what the file says of itself.</param>
    internal byte[] Render(byte[] bytes, string name, out ImageHeader? header)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        byte[] planes = new byte[PixelBytes];
        header = RenderViews(bytes, name, [ImageView.Plain], planes);
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
        _ = RenderViews(bytes, name, views, planes);
    }

    private ImageHeader? RenderViews(byte[] bytes, string name, ReadOnlySpan<ImageView> views, Span<byte> planes)
    {
        ulong image = views.ContainsAnyExcept(ImageView.Plain) ? KeyOf(bytes) : 0;
        DecodedImage? decoded = null;
        try
        {
            int shrink = 0;
            for (int i = 0; i < views.Length; i++)
            {
                ImageView view = views[i];
                if (
                    decoded is not null
                    && shrink != _geometry.ShrinkFor(decoded.OriginalWidth, decoded.OriginalHeight, view)
                )
                {
                    decoded.Dispose();
                    decoded = null;
                }

                decoded ??= ImageDecoder.Decode(
                    bytes,
                    name,
                    Limits,
                    (width, height) => _geometry.ShrinkFor(width, height, view)
                );
                shrink = _geometry.ShrinkFor(decoded.OriginalWidth, decoded.OriginalHeight, view);
                Render(decoded, image, view, planes.Slice(i * PixelBytes, PixelBytes));
            }

            return decoded?.Header;
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

    private void Render(DecodedImage decoded, ulong image, ImageView view, Span<byte> planes)
    {
        Placement placement = view.IsPlain
            ? _geometry.Plain(decoded.OriginalWidth, decoded.OriginalHeight)
            : _geometry.Random(decoded.OriginalWidth, decoded.OriginalHeight, image, view);
        ViewPainter.Paint(decoded, placement, Preprocessing, planes);
    }
}
