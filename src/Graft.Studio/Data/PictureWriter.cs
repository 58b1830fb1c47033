using Graft.Imaging;
using Graft.Training;
using NetVips;

namespace Graft.Studio;

/// <summary>
/// Pictures for the page: any image that Graft reads, as a small JPEG. Decodes no more images at once than there are
/// processors.
/// </summary>
internal sealed class PictureWriter(StudioOptions options) : IDisposable
{
    /// <summary>The longest side that is written, in pixels.</summary>
    public const int LongestSide = 1600;

    private const int ShortestSide = 16;
    private const int Quality = 82;

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount - 1)); // the browser draws, too

    /// <summary>An image of a set as a JPEG.</summary>
    /// <param name="image">The image.</param>
    /// <param name="side">Its longest side in pixels; it is clamped to 16 to <see cref="LongestSide"/>.</param>
    /// <param name="cancel">Stops waiting and reading.</param>
    /// <exception cref="ImageException">The image cannot be read.</exception>
    public async Task<byte[]> JpegAsync(LabelledImage image, int side, CancellationToken cancel)
    {
        await _places.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            byte[] bytes = await ReadAsync(image, cancel).ConfigureAwait(false);
            return Jpeg(bytes, image.Name, Math.Clamp(side, ShortestSide, LongestSide), options.Training.Limits.Image);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>An image of a set as it is encoded.</summary>
    /// <exception cref="ImageException">The image cannot be read.</exception>
    public async Task<byte[]> ReadAsync(LabelledImage image, CancellationToken cancel)
    {
        Stream stream = await image.OpenAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await ImageFile
                .ReadAsync(stream, image.Name, options.Training.Limits.Image, cancel)
                .ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private static byte[] Jpeg(byte[] bytes, string name, int side, DecodeLimits limits)
    {
        using DecodedImage decoded = ImageDecoder.Decode(bytes, name, limits, (width, height) =>
            Math.Max(1, Math.Max(width, height) / (2 * side))
        );
        using Image whole = Image.NewFromMemoryCopy(
            decoded.Pixels,
            decoded.Width,
            decoded.Height,
            bands: 3,
            Enums.BandFormat.Uchar
        );
        using Image coloured = whole.Copy(interpretation: Enums.Interpretation.Srgb);
        using Image small = coloured.ThumbnailImage(side, height: side, size: Enums.Size.Down);
        return small.JpegsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
    }
}
