using System.Buffers;

namespace Graft.Imaging;

/// <summary>
/// An image in memory, turned upright: rows of 8-bit sRGB, R, G, B interleaved, perhaps smaller than the original.
/// Dispose returns its memory.
/// </summary>
public sealed class DecodedImage : IDisposable
{
    private byte[]? buffer;

    /// <param name="width">Of the pixels held.</param>
    /// <param name="height">Of the pixels held.</param>
    /// <param name="originalWidth">Of the upright image before it was shrunk.</param>
    /// <param name="originalHeight">Of the upright image before it was shrunk.</param>
    /// <param name="shrink">How many original pixels one pixel held stands for, along each side.</param>
    internal DecodedImage(int width, int height, int originalWidth, int originalHeight, int shrink)
    {
        Width = width;
        Height = height;
        OriginalWidth = originalWidth;
        OriginalHeight = originalHeight;
        Shrink = shrink;
        buffer = ArrayPool<byte>.Shared.Rent(checked((width * height * 3) + Padding));
    }

    /// <summary>
    /// Bytes that may be read, but mean nothing, after the last pixel: lets a pixel be loaded as one 32-bit word.
    /// </summary>
    internal const int Padding = 4;

    /// <summary>What the file says of itself.</summary>
    public required ImageHeader Header { get; init; }

    public int Width { get; }

    public int Height { get; }

    public int OriginalWidth { get; }

    public int OriginalHeight { get; }

    public int Shrink { get; }

    /// <summary>Height x Width x 3 bytes.</summary>
    public Span<byte> Pixels => Padded[..(Width * Height * 3)];

    /// <summary><see cref="Pixels"/> and <see cref="Padding"/> bytes more.</summary>
    internal Span<byte> Padded
    {
        get
        {
            ObjectDisposedException.ThrowIf(buffer is null, this);
            return buffer.AsSpan(0, (Width * Height * 3) + Padding);
        }
    }

    public void Dispose()
    {
        byte[]? mine = Interlocked.Exchange(ref buffer, null);
        if (mine is not null)
        {
            ArrayPool<byte>.Shared.Return(mine);
        }
    }
}
