using System.Text.Json;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>
/// What the input tensor holds. Only width and height differ between files: the rest is written for programs that do
/// not use Graft, and a file that says something else is refused.
/// </summary>
internal sealed record CardInput(
    string Name,
    string Layout,
    string Colour,
    IReadOnlyList<int> Range,
    string Normalisation,
    int Width,
    int Height
)
{
    public static CardInput Of(Preprocessing preprocessing) =>
        new(ClassifierEdges.Image, "NCHW", "RGB", [0, 255], "inside", preprocessing.Width, preprocessing.Height);

    public bool Says(CardInput other) => Range.SequenceEqual(other.Range) && this with { Range = other.Range } == other;
}

/// <summary>How an image file becomes the input tensor: turned by its EXIF orientation, resized, cropped or padded.
/// </summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="ShorterSide">The shorter side before the crop, in pixels. Null where nothing is cropped.</param>
/// <param name="Kernel">The resampling filter.</param>
/// <param name="Antialias">True: the filter is widened when an image shrinks.</param>
/// <param name="Crop">"centre" or "none".</param>
/// <param name="Fill">Colour beside a padded image, 0 to 255. Null where nothing is padded.</param>
/// <param name="ExifOrientation">"applied": the image is turned upright before anything else.</param>
internal sealed record CardResize(
    ResizeRule Rule,
    int? ShorterSide,
    Interpolation Kernel,
    bool Antialias,
    string Crop,
    PerChannel? Fill,
    string ExifOrientation
)
{
    public static CardResize Of(Preprocessing preprocessing)
    {
        bool isCropped = preprocessing.Resize == ResizeRule.ShorterSideThenCrop;
        return new(
            preprocessing.Resize,
            isCropped ? preprocessing.ResizeShorter : null,
            preprocessing.Interpolation,
            true,
            isCropped ? "centre" : "none",
            preprocessing.Resize == ResizeRule.Pad ? preprocessing.Mean : null,
            "applied"
        );
    }
}

/// <summary>What nodes of the graph do with the input tensor, so that nobody does it again.</summary>
/// <param name="Order">Order of the channels that the body takes.</param>
/// <param name="Mean">Subtracted from 0 to 255.</param>
/// <param name="Deviation">Divides afterwards.</param>
internal sealed record CardInside(ChannelOrder Order, PerChannel Mean, PerChannel Deviation)
{
    public static CardInside Of(Preprocessing preprocessing) =>
        new(preprocessing.Order, preprocessing.Mean, preprocessing.Deviation);

    /// <exception cref="JsonException">The members say something that this program does not do.</exception>
    public Preprocessing ToPreprocessing(CardInput input, CardResize resize)
    {
        Preprocessing preprocessing = new()
        {
            Width = input.Width,
            Height = input.Height,
            Resize = resize.Rule,
            ResizeShorter = resize.ShorterSide ?? Math.Max(input.Width, input.Height),
            Interpolation = resize.Kernel,
            Order = Order,
            Mean = Mean,
            Deviation = Deviation,
        };
        return !input.Says(CardInput.Of(preprocessing))
                ? throw new JsonException("its input is described as this program does not make it")
            : resize != CardResize.Of(preprocessing)
                ? throw new JsonException("its resizing is described as this program does not do it")
            : preprocessing;
    }
}
