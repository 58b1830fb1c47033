namespace Graft.Imaging;

/// <summary>Says which part of an image a view shows, and where in the network's input it lies.</summary>
/// <param name="preprocessing">Size of the input and rule of resizing.</param>
/// <param name="ranges">Ranges of the random views.</param>
internal sealed class ViewGeometry(Preprocessing preprocessing, Augmentation ranges)
{
    // Decoded pixels per output pixel, along a side, that shrinking while decoding leaves for the exact resize.
    private const int PixelsKept = 2;

    // Steps of a drawn crop's position per output pixel, where crops are drawn in the input and not in the image.
    private const int Steps = 16;

    // Smallest share of a crop where the whole image is shown: its object may lie at an end, which a small crop misses.
    private const double LeastOfWhole = 0.8;

    private readonly Augmentation _augmentation =
        preprocessing.Resize == ResizeRule.ShorterSideThenCrop
            ? ranges
            : ranges with
            {
                SmallestScale = Math.Min(ranges.LargestScale, Math.Max(ranges.SmallestScale, LeastOfWhole)),
            };

    /// <summary>
    /// How far an image may be shrunk while it is decoded. All random views share one factor, from the smallest
    /// possible crop: a view must not depend on the others drawn with it.
    /// </summary>
    public int ShrinkFor(int width, int height, ImageView view)
    {
        int shorter = Math.Min(width, height);
        double across = (double)width / preprocessing.Width;
        double down = (double)height / preprocessing.Height;
        double smallest = Math.Sqrt(_augmentation.SmallestScale * _augmentation.NarrowestRatio);
        double scale = (preprocessing.Resize, view.IsPlain) switch
        {
            (ResizeRule.Squash, bool isPlain) => Math.Min(across, down) * (isPlain ? 1 : smallest),
            (ResizeRule.Pad, bool isPlain) => Math.Max(across, down) * (isPlain ? 1 : smallest),
            (_, true) => (double)shorter / preprocessing.ResizeShorter,
            _ => _augmentation.ShortestCropSide(width, height) / Math.Max(preprocessing.Width, preprocessing.Height),
        };
        return Math.Clamp((int)(scale / PixelsKept), 1, shorter);
    }

    /// <summary>The plain view of an image of this size, in pixels of the upright image.</summary>
    public Placement Plain(int width, int height)
    {
        if (preprocessing.Resize == ResizeRule.Pad)
        {
            double scale = PadScale(width, height);
            return new(Padded(width, scale, preprocessing.Width), Padded(height, scale, preprocessing.Height), false);
        }

        (int across, int down) = PlainSize(width, height);
        return new(
            new(0, (double)width / across, Centre(across, preprocessing.Width), preprocessing.Width),
            new(0, (double)height / down, Centre(down, preprocessing.Height), preprocessing.Height),
            false
        );
    }

    /// <summary>A random view of an image of this size.</summary>
    /// <param name="width">Width of the upright image in pixels.</param>
    /// <param name="height">Height of the upright image in pixels.</param>
    /// <param name="image">Key of the image.</param>
    /// <param name="view">A random view, not the plain one.</param>
    public Placement Random(int width, int height, ulong image, ImageView view)
    {
        if (preprocessing.Resize == ResizeRule.ShorterSideThenCrop)
        {
            CropWindow window = _augmentation.Draw(width, height, image, view);
            return new(
                new(window.Left, (double)window.Width / preprocessing.Width, 0, preprocessing.Width),
                new(window.Top, (double)window.Height / preprocessing.Height, 0, preprocessing.Height),
                window.IsMirrored
            );
        }

        // The crop is drawn in what the plain view shows. In a long image no crop of the usual shape has room.
        int frameWidth = Steps * preprocessing.Width;
        int frameHeight = Steps * preprocessing.Height;
        CropWindow crop = _augmentation.Draw(frameWidth, frameHeight, image, view);
        bool isPadded = preprocessing.Resize == ResizeRule.Pad;
        double scale = PadScale(width, height);
        double shownWidth = isPadded ? scale * preprocessing.Width : width;
        double shownHeight = isPadded ? scale * preprocessing.Height : height;
        return new(
            Shown(crop.Left, crop.Width, shownWidth / frameWidth, (shownWidth - width) / 2, width, preprocessing.Width),
            Shown(
                crop.Top,
                crop.Height,
                shownHeight / frameHeight,
                (shownHeight - height) / 2,
                height,
                preprocessing.Height
            ),
            crop.IsMirrored
        );
    }

    // Pixels of the image per pixel of the input, so that both sides fit.
    private double PadScale(int width, int height) =>
        Math.Max((double)width / preprocessing.Width, (double)height / preprocessing.Height);

    private static Axis Padded(int size, double scale, int output)
    {
        int count = Math.Clamp((int)Math.Round(size / scale), 1, output);
        return new(0, (double)size / count, 0, count) { Offset = (output - count) / 2 };
    }

    // The outputs whose centres lie in the image; none if the crop shows padding only.
    private static Axis Shown(int start, int length, double step, double padding, int size, int output)
    {
        double from = (start * step) - padding;
        double scale = length * step / output;
        int first = Math.Max(0, (int)Math.Ceiling((-from / scale) - 0.5));
        int end = Math.Min(output, (int)Math.Ceiling(((size - from) / scale) - 0.5));
        return new(from, scale, first, Math.Max(0, end - first)) { Offset = first };
    }

    // As torchvision's Resize(int) and CenterCrop: the longer side is rounded down, half a pixel to the even number.
    private (int Width, int Height) PlainSize(int width, int height)
    {
        if (preprocessing.Resize == ResizeRule.Squash)
        {
            return (preprocessing.Width, preprocessing.Height);
        }

        long shorter = preprocessing.ResizeShorter;
        return width <= height
            ? ((int)shorter, (int)(shorter * height / width))
            : ((int)(shorter * width / height), (int)shorter);
    }

    private static int Centre(int size, int crop) => (int)Math.Round((size - crop) / 2.0, MidpointRounding.ToEven);
}

/// <summary>Where a view of an image lies in the network's input.</summary>
/// <param name="Across">The columns.</param>
/// <param name="Down">The rows.</param>
/// <param name="IsMirrored">Whether left and right are exchanged.</param>
internal readonly record struct Placement(Axis Across, Axis Down, bool IsMirrored);

/// <summary>One axis of a resize, in original pixels.</summary>
/// <param name="From">Where output pixel 0 begins.</param>
/// <param name="Scale">Original pixels per output pixel.</param>
/// <param name="Start">First output pixel to compute.</param>
/// <param name="Count">Number of output pixels to compute.</param>
internal readonly record struct Axis(double From, double Scale, int Start, int Count)
{
    /// <summary>Position of the first computed pixel in the network's input; the pixels around are padding.</summary>
    public int Offset { get; init; }
}
