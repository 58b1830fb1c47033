using Graft.Imaging;

namespace Graft.Training;

/// <summary>How an image is fitted into the network's square or oblong input.</summary>
public enum ImageFit
{
    /// <summary>
    /// The shorter side is resized and the centre is cut out. Proportions are kept, and the ends of long images are
    /// lost.
    /// </summary>
    Crop,

    /// <summary>The whole image is resized into the input, and the rest is filled with the network's mean.</summary>
    Pad,

    /// <summary>Both sides are resized to the input, whatever the proportions.</summary>
    Squash,
}

/// <summary>Applies an <see cref="ImageFit"/> to a body's input transform.</summary>
internal static class ImageFits
{
    /// <summary>The input transform with another fit; null leaves it as it is.</summary>
    public static Preprocessing With(this Preprocessing preprocessing, ImageFit? fit) =>
        fit is null ? preprocessing : preprocessing with { Resize = RuleOf(fit.Value) };

    /// <summary>The fit of an input transform.</summary>
    public static ImageFit Of(Preprocessing preprocessing) =>
        preprocessing.Resize switch
        {
            ResizeRule.Pad => ImageFit.Pad,
            ResizeRule.Squash => ImageFit.Squash,
            _ => ImageFit.Crop,
        };

    private static ResizeRule RuleOf(ImageFit fit) =>
        fit switch
        {
            ImageFit.Pad => ResizeRule.Pad,
            ImageFit.Squash => ResizeRule.Squash,
            _ => ResizeRule.ShorterSideThenCrop,
        };
}
