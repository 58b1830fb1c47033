using System.Buffers;

namespace Graft.Imaging;

/// <summary>
/// An upright image in memory: rows of interleaved 8-bit sRGB. It may be smaller than the original, because large
/// images are shrunk while they are decoded. <see cref="Dispose"/> returns its memory.
/// </summary>
public sealed class DecodedImage : IDisposable
{
    /// <summary>
    /// Readable bytes without meaning after the last pixel. They allow any pixel to be loaded as one 32-bit word.
    /// </summary>
    internal const int Padding = 4;

    private byte[]? _buffer;

    /// <param name="width">Width of the decoded pixels.</param>
    /// <param name="height">Height of the decoded pixels.</param>
    /// <param name="originalWidth">Width of the upright image before shrinking.</param>
    /// <param name="originalHeight">Height of the upright image before shrinking.</param>
    /// <param name="shrink">Original pixels per decoded pixel, along each side.</param>
    internal DecodedImage(int width, int height, int originalWidth, int originalHeight, int shrink)
    {
        Width = width;
        Height = height;
        OriginalWidth = originalWidth;
        OriginalHeight = originalHeight;
        Shrink = shrink;
        _buffer = ArrayPool<byte>.Shared.Rent(checked((width * height * 3) + Padding));
    }

    /// <summary>Format, colours, frames and orientation that the file declares.</summary>
    public required ImageHeader Header { get; init; }

    /// <summary>Width of the decoded pixels.</summary>
    public int Width { get; }

    /// <summary>Height of the decoded pixels.</summary>
    public int Height { get; }

    /// <summary>Width of the upright image before shrinking, in pixels.</summary>
    public int OriginalWidth { get; }

    /// <summary>Height of the upright image before shrinking, in pixels.</summary>
    public int OriginalHeight { get; }

    /// <summary>Original pixels per decoded pixel along each side, at least 1.</summary>
    public int Shrink { get; }

    /// <summary>The pixels: <see cref="Height"/> x <see cref="Width"/> x 3 bytes, red, green and blue.</summary>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    public Span<byte> Pixels => Padded[..(Width * Height * 3)];

    /// <summary><see cref="Pixels"/>, followed by <see cref="Padding"/> bytes.</summary>
    internal Span<byte> Padded
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.AsSpan(0, (Width * Height * 3) + Padding);
        }
    }

    /// <summary>Returns the memory. Spans taken from <see cref="Pixels"/> must not be used afterwards.</summary>
    public void Dispose()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
