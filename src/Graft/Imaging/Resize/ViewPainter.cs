namespace Graft.Imaging;

/// <summary>Writes a view of an image into the network's input.</summary>
internal static class ViewPainter
{
    /// <summary>Resizes what the view shows, and fills the rest with the network's mean.</summary>
    /// <param name="decoded">The image.</param>
    /// <param name="placement">Which part of it lies where.</param>
    /// <param name="preprocessing">Size and mean of the input, and the filter.</param>
    /// <param name="planes">Receives the pixels, [3,H,W].</param>
    public static void Paint(DecodedImage decoded, Placement placement, Preprocessing preprocessing, Span<byte> planes)
    {
        (int width, int height) = (placement.Across.Count, placement.Down.Count);
        if (width == preprocessing.Width && height == preprocessing.Height)
        {
            Resize(decoded, placement, preprocessing.Interpolation, planes);
            return;
        }

        FillWith(preprocessing.Mean, planes);
        if (width > 0 && height > 0)
        {
            byte[] shown = new byte[3 * width * height];
            Resize(decoded, placement, preprocessing.Interpolation, shown);
            Place(shown, placement, preprocessing, planes);
        }
    }

    // The network sees its mean as zero.
    private static void FillWith(PerChannel mean, Span<byte> planes)
    {
        int size = planes.Length / 3;
        planes[..size].Fill(Level(mean.Red));
        planes.Slice(size, size).Fill(Level(mean.Green));
        planes[(2 * size)..].Fill(Level(mean.Blue));
    }

    private static byte Level(float mean) => (byte)Math.Clamp(MathF.Round(mean), 0, 255);

    private static void Place(
        ReadOnlySpan<byte> shown,
        Placement placement,
        Preprocessing preprocessing,
        Span<byte> planes
    )
    {
        (int width, int height) = (placement.Across.Count, placement.Down.Count);
        int left = placement.IsMirrored
            ? preprocessing.Width - placement.Across.Offset - width
            : placement.Across.Offset;
        for (int channel = 0; channel < 3; channel++)
        {
            for (int y = 0; y < height; y++)
            {
                int row = (channel * preprocessing.Height) + placement.Down.Offset + y;
                shown
                    .Slice(((channel * height) + y) * width, width)
                    .CopyTo(planes[((row * preprocessing.Width) + left)..]);
            }
        }
    }

    private static void Resize(
        DecodedImage decoded,
        Placement placement,
        Interpolation interpolation,
        Span<byte> planes
    ) =>
        Resampler.Resize(
            decoded,
            Weights(decoded.Width, placement.Across, decoded.Shrink, interpolation),
            Weights(decoded.Height, placement.Down, decoded.Shrink, interpolation),
            placement.IsMirrored,
            planes
        );

    private static ResampleWeights Weights(int size, Axis axis, double shrink, Interpolation interpolation) =>
        new(size, axis.From / shrink, axis.Scale / shrink, axis.Start, axis.Count, interpolation);
}
