using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// Where the body (the pretrained network, also called backbone) comes from, and what belongs to it: weights, input
/// size, feature edge and input transform.
/// </summary>
public sealed record BodySource
{
    internal const string DefaultName = "efficientnet_lite0";

    [JsonConstructor]
    internal BodySource() { }

    /// <summary>The catalogue's or imported body's name; null for an ONNX file.</summary>
    [JsonInclude]
    public string? Name { get; internal init; }

    /// <summary>The path of the ONNX file; null for a named body.</summary>
    [JsonInclude]
    public string? File { get; internal init; }

    /// <summary>A weight file for a named body; null: the weights that come with it.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// The side of the square input of a named body, or of an ONNX file that leaves it open, 32 to 1,024 pixels. Null:
    /// the size that transfers best where that was measured (EfficientNet-Lite0: 288), otherwise the size of the
    /// pretraining; 224 for an ONNX file that leaves it open.
    /// </summary>
    public int? InputSize { get; init; }

    /// <summary>The edge at which the body ends and its old head is cut off; null: it is found in the graph.</summary>
    public string? FeatureEdge { get; init; }

    /// <summary>
    /// How an ONNX file's images were prepared: imagenet, half, caffe, raw, zero-to-one, or the path of a JSON file.
    /// Null: it is read from the network; if the network does not say, ImageNet's values are used with a warning.
    /// </summary>
    public string? InputTransform { get; init; }

    /// <summary>
    /// How images are fitted into the input of any body. Null: as the input transform says, which is
    /// <see cref="ImageFit.Crop"/> for the bodies of the catalogue and as an earlier model has it.
    /// </summary>
    public ImageFit? Fit { get; init; }

    /// <summary>What the body is called in messages: its name, or the path of its file.</summary>
    [JsonIgnore]
    public string Text => Name ?? File ?? "";

    /// <summary>A body of the catalogue or an imported one.</summary>
    /// <param name="name">A name or alias that <see cref="BodyCatalog.List"/> returns.</param>
    public static BodySource Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new() { Name = name };
    }

    /// <summary>An image classifier in an ONNX file.</summary>
    /// <param name="path">Path of the file.</param>
    public static BodySource OnnxFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new() { File = path };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>True where the body is read from an ONNX file.</summary>
    internal bool IsOnnxFile => File is not null || Text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds a problem for each part that has no effect beside the others.</summary>
    internal void Check(OptionProblems problems)
    {
        if (Weights is not null && IsOnnxFile)
        {
            problems.Add(
                nameof(Weights),
                "",
                "it has no effect on an ONNX file, which holds its own weights; leave it out, or name a body"
            );
        }

        if (InputTransform is not null && !IsOnnxFile)
        {
            problems.Add(
                nameof(InputTransform),
                "",
                "it has no effect on a named body, which has its own input transform; leave it out, or name an "
                    + "ONNX file"
            );
        }
    }
}
