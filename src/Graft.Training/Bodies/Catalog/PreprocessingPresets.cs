using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>
/// Preprocessing of published weights. Means and deviations are of values in 0..255; sizes are in pixels.
/// </summary>
internal static class PreprocessingPresets
{
    /// <summary>
    /// torchvision's ImageNet statistics: means 0.485, 0.456, 0.406 and deviations 0.229, 0.224, 0.225 of values in
    /// 0..1.
    /// </summary>
    public static Preprocessing ImageNet(int resize, int crop, Interpolation interpolation = Interpolation.Bilinear) =>
        Half(resize, crop, interpolation) with
        {
            Mean = new(255 * 0.485f, 255 * 0.456f, 255 * 0.406f),
            Deviation = new(255 * 0.229f, 255 * 0.224f, 255 * 0.225f),
        };

    /// <summary>TensorFlow's range of -1 to 1: (x / 255 - 0.5) / 0.5.</summary>
    public static Preprocessing Half(int resize, int crop, Interpolation interpolation) =>
        new()
        {
            Width = crop,
            Height = crop,
            ResizeShorter = resize,
            Interpolation = interpolation,
            Mean = new(127.5f, 127.5f, 127.5f),
            Deviation = new(127.5f, 127.5f, 127.5f),
        };

    /// <summary>Caffe's: channels in the order blue, green, red, less their means, without a division.</summary>
    public static Preprocessing Caffe(float blue, float green, float red) =>
        new()
        {
            Interpolation = Interpolation.Bilinear,
            Order = ChannelOrder.Bgr,
            Mean = new(red, green, blue),
            Deviation = new(1, 1, 1),
        };

    /// <summary>No mean: values in 0..255, divided by <paramref name="divisor"/>.</summary>
    public static Preprocessing Scaled(int resize, int crop, float divisor) =>
        Half(resize, crop, Interpolation.Bilinear) with
        {
            Mean = new(0, 0, 0),
            Deviation = new(divisor, divisor, divisor),
        };

    /// <summary>
    /// The same for an input of another size. A long input shows the whole picture, squashed: a crop of it would leave
    /// most of an ordinary picture out.
    /// </summary>
    /// <param name="preprocessing">Everything but the size.</param>
    /// <param name="height">Height of the input in pixels.</param>
    /// <param name="width">Width of the input in pixels.</param>
    public static Preprocessing ForInput(Preprocessing preprocessing, int height, int width) =>
        preprocessing with
        {
            Height = height,
            Width = width,
            ResizeShorter = UsualResize(Math.Max(height, width)),
            Resize = IsLong(height, width) ? ResizeRule.Squash : preprocessing.Resize,
        };

    /// <summary>Whether one side is at least twice the other.</summary>
    public static bool IsLong(int height, int width) =>
        Math.Max(height, width) >= 2 * Math.Min(height, width);

    /// <summary>The same for pictures of one channel: the average mean and deviation for each colour.</summary>
    public static Preprocessing Grey(Preprocessing preprocessing) =>
        preprocessing with
        {
            Order = ChannelOrder.Rgb,
            Mean = Averaged(preprocessing.Mean),
            Deviation = Averaged(preprocessing.Deviation),
        };

    /// <summary>The usual length of the shorter side before a crop, in pixels: 256 for a crop of 224.</summary>
    public static int UsualResize(int crop) => crop * 8 / 7;

    private static PerChannel Averaged(PerChannel value)
    {
        float average = value.Red == value.Green && value.Green == value.Blue
            ? value.Red
            : (value.Red + value.Green + value.Blue) / 3;
        return new(average, average, average);
    }
}
