using Graft.Imaging;

namespace Graft.Training.Release;

/// <summary>The images of an export by their purpose.</summary>
internal sealed class ExportImages(
    ImageSplit split,
    Preprocessor preprocessor,
    ExportOptions options,
    CancellationToken cancel
)
{
    private const int MostValidationImages = 1000;

    /// <summary>The options of the export.</summary>
    public ExportOptions Options => options;

    /// <summary>Stops the export.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Shape of an input, 1 x 3 x H x W.</summary>
    public long[] Shape => [1, 3, preprocessor.Preprocessing.Height, preprocessor.Preprocessing.Width];

    /// <summary>Training images, whose values are measured.</summary>
    public RenderedImages Calibration => field ??= Render(split.Train, options.CalibrationImages);

    /// <summary>Validation images, which choose. Training images stand in where there are none.</summary>
    public RenderedImages Validation => field ??= Render(Judging, MostValidationImages);

    /// <summary>The images on which the models are compared: the test images where there are any.</summary>
    public IReadOnlyList<LabelledImage> Compared => split.Test.IsEmpty ? Judging : split.Test;

    /// <summary>The part of <see cref="Compared"/>.</summary>
    public ImagePart ComparedPart =>
        !split.Test.IsEmpty ? ImagePart.Test
        : split.Validation.IsEmpty ? ImagePart.Train
        : ImagePart.Validation;

    private IReadOnlyList<LabelledImage> Judging => split.Validation.IsEmpty ? split.Train : split.Validation;

    private RenderedImages Render(IReadOnlyList<LabelledImage> images, int most) =>
        RenderedImages.Of(images, most, preprocessor, options.Threads, cancel);
}
