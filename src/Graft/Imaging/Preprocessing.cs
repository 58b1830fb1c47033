using System.Text.Json.Serialization;

namespace Graft.Imaging;

/// <summary>How an image is brought to the size of the network's input.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeRule>))]
public enum ResizeRule
{
    /// <summary>
    /// Resize the shorter side to <see cref="Preprocessing.ResizeShorter"/> and crop the centre. Keeps proportions.
    /// </summary>
    ShorterSideThenCrop,

    /// <summary>Resize both sides to the network's input, whatever the proportions.</summary>
    Squash,

    /// <summary>
    /// Resize the whole image into the network's input and fill the rest with <see cref="Preprocessing.Mean"/>. Keeps
    /// proportions.
    /// </summary>
    Pad,
}

/// <summary>Resampling filter. When shrinking, each is widened as in Pillow, which prevents aliasing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    /// <summary>Linear interpolation between the two nearest pixels along each axis.</summary>
    Bilinear,

    /// <summary>Keys' cubic convolution with a = -0.5.</summary>
    Bicubic,

    /// <summary>Lanczos filter with three lobes.</summary>
    Lanczos,
}

/// <summary>Order of the colour channels in the network's input.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red, green, blue: the usual order.</summary>
    Rgb,

    /// <summary>Blue, green, red: the order of networks trained with Caffe or OpenCV.</summary>
    Bgr,
}

/// <summary>One number per colour, whatever the network's channel order.</summary>
/// <param name="Red">Number of the red channel.</param>
/// <param name="Green">Number of the green channel.</param>
/// <param name="Blue">Number of the blue channel.</param>
public readonly record struct PerChannel(float Red, float Green, float Blue);

/// <summary>
/// How pixels become the network's input. Training, evaluation, prediction and the exported file share this one
/// description.
/// </summary>
/// <remarks>
/// <see cref="Preprocessor"/> resizes and crops to R, G, B of 0 to 255. Nodes in the exported file compute
/// (x - <see cref="Mean"/>) / <see cref="Deviation"/> and reorder the channels.
/// </remarks>
public sealed record Preprocessing
{
    private const int LargestSide = 4096;

    /// <summary>Width of the network's input in pixels, 8 to 4,096. The default is 224.</summary>
    public int Width { get; init; } = 224;

    /// <summary>Height of the network's input in pixels, 8 to 4,096. The default is 224.</summary>
    public int Height { get; init; } = 224;

    /// <summary>How an image is resized. The default keeps its proportions.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.ShorterSideThenCrop;

    /// <summary>
    /// Length of the shorter side before the crop, in pixels: at least <see cref="Width"/> and <see cref="Height"/>, at
    /// most 4,096. The default is 256. Only <see cref="ResizeRule.ShorterSideThenCrop"/> uses it.
    /// </summary>
    public int ResizeShorter { get; init; } = 256;

    /// <summary>The resampling filter. The default is bicubic.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

    /// <summary>Order of the network's input channels. The default is RGB.</summary>
    public ChannelOrder Order { get; init; } = ChannelOrder.Rgb;

    /// <summary>Numbers subtracted from pixel values of 0 to 255. The default is 127.5 for each channel.</summary>
    public PerChannel Mean { get; init; } = new(127.5f, 127.5f, 127.5f);

    /// <summary>
    /// Numbers that divide the pixels after <see cref="Mean"/> is subtracted, above 0. The default is 127.5 for each
    /// channel.
    /// </summary>
    public PerChannel Deviation { get; init; } = new(127.5f, 127.5f, 127.5f);

    /// <summary>
    /// Returns the same preprocessing for a square input. It shows the same part of the image in another resolution.
    /// </summary>
    /// <param name="side">Width and height of the input in pixels, 8 to 4,096.</param>
    public Preprocessing ForSize(int side) =>
        this with
        {
            Width = side,
            Height = side,
            ResizeShorter = (int)Math.Round((double)side * ResizeShorter / Math.Min(Width, Height)),
        };

    /// <summary>Returns this preprocessing after checking every value.</summary>
    /// <exception cref="GraftException">A value is out of its range; the message lists all of them.</exception>
    public Preprocessing Checked()
    {
        List<string> problems = [];
        if (Width is < 8 or > LargestSide || Height is < 8 or > LargestSide)
        {
            problems.Add($"input {Width} x {Height} is outside 8 to {LargestSide}");
        }

        if (
            Resize == ResizeRule.ShorterSideThenCrop
            && (ResizeShorter < Math.Max(Width, Height) || ResizeShorter > LargestSide)
        )
        {
            problems.Add($"resize {ResizeShorter} is outside {Math.Max(Width, Height)} (the input) to {LargestSide}");
        }

        if (!Enum.IsDefined(Resize) || !Enum.IsDefined(Interpolation) || !Enum.IsDefined(Order))
        {
            problems.Add("its resize rule, interpolation or channel order has no name");
        }

        if (
            !IsFinite(Mean)
            || !IsFinite(Deviation)
            || Deviation.Red <= 0
            || Deviation.Green <= 0
            || Deviation.Blue <= 0
        )
        {
            problems.Add("mean and deviation must be finite numbers, and deviation above 0");
        }

        return problems.Count == 0
            ? this
            : throw new GraftException(
                $"'preprocessing' cannot be used: {string.Join("; ", problems)}; correct the body's card"
            );
    }

    private static bool IsFinite(PerChannel value) =>
        float.IsFinite(value.Red) && float.IsFinite(value.Green) && float.IsFinite(value.Blue);
}
