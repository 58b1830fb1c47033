using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>Why a model gave a class to an image.</summary>
public sealed class ImageExplanation
{
    private readonly byte[] _pixels; // [3,H,W]
    private readonly Preprocessing _preprocessing;

    internal ImageExplanation(
        ImagePrediction prediction,
        string label,
        HeatMap heat,
        byte[] pixels,
        Preprocessing preprocessing
    )
    {
        (Prediction, Label, Heat) = (prediction, label, heat);
        (_pixels, _preprocessing) = (pixels, preprocessing);
    }

    /// <summary>What the model answers.</summary>
    public ImagePrediction Prediction { get; }

    /// <summary>The class that is explained.</summary>
    public string Label { get; }

    /// <summary>The places that speak for the class, on the part of the image that the network sees.</summary>
    public HeatMap Heat { get; }

    /// <summary>Columns of the picture: those of the network's input.</summary>
    public int Width => _preprocessing.Width;

    /// <summary>Rows of the picture.</summary>
    public int Height => _preprocessing.Height;

    /// <summary>
    /// What the network sees, with the places that speak for the class in warm colours: red, green and blue of each
    /// pixel, row by row, [<see cref="Height"/>, <see cref="Width"/>, 3].
    /// </summary>
    public byte[] ToPixels() => HeatOverlay.Draw(_pixels, Width, Height, Heat);

    /// <summary>The picture of <see cref="ToPixels"/> as a PNG file.</summary>
    /// <exception cref="GraftException">The native library of libvips is missing.</exception>
    public byte[] ToPng() => HeatOverlay.Png(ToPixels(), Width, Height);
}
