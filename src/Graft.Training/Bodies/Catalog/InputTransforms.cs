using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>
/// The preprocessing that published weights were trained with. Means and deviations are of values in 0..255.
/// </summary>
internal static class InputTransforms
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

    /// <summary>(x / 255 - 0.5) / 0.5: -1 to 1, as TensorFlow's networks take it.</summary>
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

    /// <summary>Caffe's: blue, green, red; a mean is subtracted and nothing divided.</summary>
    public static Preprocessing Caffe(float blue, float green, float red) =>
        new()
        {
            Interpolation = Interpolation.Bilinear,
            Order = ChannelOrder.Bgr,
            Mean = new(red, green, blue),
            Deviation = new(1, 1, 1),
        };
}
