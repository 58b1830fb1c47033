using System.Text.Json.Serialization;

namespace Graft.Imaging;

/// <summary>How an image is brought to the network's size.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeRule>))]
public enum ResizeRule
{
    /// <summary>The shorter side to <see cref="Preprocessing.ResizeShorter"/>, then the centre is cut out.</summary>
    ShorterSideThenCrop,

    /// <summary>Both sides to the network's, the proportions lost.</summary>
    Squash,
}

/// <summary>The resampling filter; all are widened when shrinking (antialiased), as Pillow does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    Bilinear,

    /// <summary>Keys' cubic with a = -0.5.</summary>
    Bicubic,

    /// <summary>A sinc of three lobes.</summary>
    Lanczos,
}

/// <summary>The order in which the network takes the colours.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    Rgb,
    Bgr,
}

/// <summary>One number for each colour, by name: the network's channel order does not matter here.</summary>
public readonly record struct PerChannel(float Red, float Green, float Blue);

/// <summary>
/// What happens to pixels before they enter the network: the one description that training, evaluation, prediction and
/// the exported file share. Resizing is done by
/// <see cref="Preprocessor"/>, which gives R, G, B in 0..255; the rest, value = (x - <see cref="Mean"/>) /
/// <see cref="Deviation"/> and the channel order, lies in the exported file as nodes.
/// </summary>
public sealed record Preprocessing
{
    private const int LargestSide = 4096;

    /// <summary>The network's input, in pixels. 8 to 4,096.</summary>
    public int Width { get; init; } = 224;

    /// <summary>The network's input, in pixels. 8 to 4,096.</summary>
    public int Height { get; init; } = 224;

    public ResizeRule Resize { get; init; } = ResizeRule.ShorterSideThenCrop;

    /// <summary>
    /// The shorter side before the crop, in pixels: at least <see cref="Width"/> and <see cref="Height"/>, at most
    /// 4,096. Not used by <see cref="ResizeRule.Squash"/>.
    /// </summary>
    public int ResizeShorter { get; init; } = 256;

    public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

    public ChannelOrder Order { get; init; } = ChannelOrder.Rgb;

    /// <summary>Subtracted from values in 0..255.</summary>
    public PerChannel Mean { get; init; } = new(127.5f, 127.5f, 127.5f);

    /// <summary>Divides what <see cref="Mean"/> was subtracted from; above 0.</summary>
    public PerChannel Deviation { get; init; } = new(127.5f, 127.5f, 127.5f);

    /// <summary>
    /// The same for a square input of so many pixels a side: as much of the image is seen, only finer or coarser.
    /// </summary>
    /// <param name="side">8 to 4,096.</param>
    public Preprocessing ForSize(int side) =>
        this with
        {
            Width = side,
            Height = side,
            ResizeShorter = (int)Math.Round((double)side * ResizeShorter / Math.Min(Width, Height)),
        };

    /// <summary>
    /// Returns this, or throws with all that is wrong in it: a card read from a file can say anything.
    /// </summary>
    /// <exception cref="GraftException">A value is out of its range.</exception>
    public Preprocessing Checked()
    {
        List<string> wrong = [];
        if (Width is < 8 or > LargestSide || Height is < 8 or > LargestSide)
        {
            wrong.Add($"input {Width} x {Height} is outside 8 to {LargestSide}");
        }

        if (
            Resize == ResizeRule.ShorterSideThenCrop
            && (ResizeShorter < Math.Max(Width, Height) || ResizeShorter > LargestSide)
        )
        {
            wrong.Add($"resize {ResizeShorter} is outside {Math.Max(Width, Height)} (the input) to {LargestSide}");
        }

        if (!Enum.IsDefined(Resize) || !Enum.IsDefined(Interpolation) || !Enum.IsDefined(Order))
        {
            wrong.Add("its resize rule, interpolation or channel order has no name");
        }

        if (
            !IsFinite(Mean)
            || !IsFinite(Deviation)
            || Deviation.Red <= 0
            || Deviation.Green <= 0
            || Deviation.Blue <= 0
        )
        {
            wrong.Add("mean and deviation must be finite numbers, and deviation above 0");
        }

        return wrong.Count == 0
            ? this
            : throw new GraftException(
                $"'preprocessing' cannot be used: {string.Join("; ", wrong)}; correct the body's card"
            );
    }

    private static bool IsFinite(PerChannel value) =>
        float.IsFinite(value.Red) && float.IsFinite(value.Green) && float.IsFinite(value.Blue);
}
