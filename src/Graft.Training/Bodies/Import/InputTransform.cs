using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// How a user says that images are prepared for a foreign network: a preset's name, or a JSON file such as
/// <c>{"size": 224, "resize": 256, "fit": "crop", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
/// "range": 1, "order": "rgb", "layout": "nchw", "interpolation": "bilinear"}</c>.
/// </summary>
internal sealed record InputTransform
{
    private static readonly Dictionary<string, (Func<int, int, Preprocessing> Make, string Meaning)> s_presets = new(
        StringComparer.OrdinalIgnoreCase
    )
    {
        ["imagenet"] = (
            (resize, crop) => PreprocessingPresets.ImageNet(resize, crop),
            "torchvision's and timm's usual: (x/255 - mean) / std of ImageNet"
        ),
        ["half"] = (
            (resize, crop) => PreprocessingPresets.Half(resize, crop, Interpolation.Bilinear),
            "-1 to 1, TensorFlow's usual"
        ),
        ["caffe"] = (
            (resize, crop) =>
                PreprocessingPresets.Caffe(103.939f, 116.779f, 123.68f) with
                {
                    ResizeShorter = resize,
                },
            "blue, green, red, less their means; VGG's and Keras's ResNet"
        ),
        ["raw"] = (
            (resize, crop) => PreprocessingPresets.Scaled(resize, crop, 1),
            "0 to 255 unchanged: the network normalises by itself"
        ),
        ["zero-to-one"] = ((resize, crop) => PreprocessingPresets.Scaled(resize, crop, 255), "x/255"),
    };

    private Func<int, int, Preprocessing>? Preset { get; init; }

    private InputTransformFile? File { get; init; }

    /// <summary>Names of the presets, the most usual first.</summary>
    public static IReadOnlyCollection<string> Names => s_presets.Keys;

    /// <summary>The presets with their meanings, for messages.</summary>
    public static string Choices =>
        string.Join("; ", s_presets.Select(entry => $"{entry.Key} ({entry.Value.Meaning})"))
        + "; or a JSON file with size, mean, std, order and layout";

    /// <summary>
    /// Whether the stated layout is N x H x W x C; null where none is stated and the network's counts.
    /// </summary>
    public bool? IsChannelsLast =>
        File?.Layout is string layout ? layout.Equals("nhwc", StringComparison.OrdinalIgnoreCase) : null;

    /// <summary>The stated input size in pixels; null where none is stated and the network's counts.</summary>
    public ImageSize? InputSize => File?.InputSize();

    /// <summary>Reads a transform from a preset's name or the path of a JSON file.</summary>
    /// <exception cref="GraftException"><paramref name="text"/> is neither, or the file has wrong values.</exception>
    public static InputTransform Parse(string text)
    {
        if (s_presets.TryGetValue(text, out (Func<int, int, Preprocessing> Make, string Meaning) preset))
        {
            return new() { Preset = preset.Make };
        }

        if (text.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return new() { File = InputTransformFile.Read(text) };
        }

        string hint = NearestName.Find(text, s_presets.Keys) is string near ? $"did you mean '{near}'? " : "";
        throw new GraftException(
            $"'{Printable.Text(text)}' cannot be the input transform: {hint}choose one of {Choices}"
        );
    }

    /// <summary>The preprocessing for a network with an input of this size, in pixels.</summary>
    /// <param name="height">Height of the input.</param>
    /// <param name="width">Width of the input.</param>
    /// <param name="isGrey">
    /// Whether the network takes one channel. The order of the colours has no meaning then, and all of them have the
    /// same mean and deviation: the average of the stated ones.
    /// </param>
    /// <exception cref="GraftException">The file states a value that does not fit the network.</exception>
    public Preprocessing ToPreprocessing(int height, int width, bool isGrey = false)
    {
        int crop = Math.Max(height, width);
        int resize = PreprocessingPresets.UsualResize(crop);
        Preprocessing stated = File is null
            ? PreprocessingPresets.ForInput(Preset!(resize, crop), height, width)
            : File.ToPreprocessing(height, width);
        return (isGrey ? PreprocessingPresets.Grey(stated) : stated).Checked();
    }
}
