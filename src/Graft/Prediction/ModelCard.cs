using System.Text.Json;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>
/// Description that a model file carries: labels, preprocessing, body, license, data, scores and a self-test. It is
/// JSON in the ONNX metadata under <see cref="MetadataKey"/>.
/// </summary>
public sealed record ModelCard
{
    /// <summary>Key of the card in the ONNX file's metadata.</summary>
    public const string MetadataKey = "graft.card";

    /// <summary>The version that this code writes, and the only one that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the card's format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The classes in the order of the network's output: 2 to 10,000 different names.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>
    /// Size, resizing, normalisation. <see cref="Preprocessor"/> resizes and crops; nodes in the file normalise.
    /// </summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The pretrained network (backbone) that the model was made from.</summary>
    public required BodyCard Body { get; init; }

    /// <summary>Training options as JSON; null if unknown.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>SHA-256 of the training data, 64 hexadecimal digits; null if unknown.</summary>
    public string? DataFingerprint { get; init; }

    /// <summary>Number of images in each part of the data.</summary>
    public ImageCounts Images { get; init; } = new(0, 0, 0);

    /// <summary>Accuracies that the training run measured.</summary>
    public ModelScores Scores { get; init; } = new();

    /// <summary>
    /// Temperature that divides the logits before the softmax, inside the file; above 0. 1 leaves them unchanged.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Lowest probability, 0 to 1, at which a prediction is <see cref="ImagePrediction.IsSure"/>. Null if every
    /// prediction is. Training sets it from the highest error that the user accepts.
    /// </summary>
    public double? UnsureBelow { get; init; }

    /// <summary>Name and version of the program that wrote the card.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Answer of the network to a generated image, checked whenever the model is loaded.</summary>
    public required SelfTest SelfTest { get; init; }

    /// <summary>Reads a card from untrusted JSON; checks its size, its form and every value.</summary>
    /// <param name="json">Metadata under <see cref="MetadataKey"/>; null if the file has none.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <exception cref="ModelCardException">The card is missing, damaged or of an unknown version.</exception>
    public static ModelCard Parse(string? json, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ModelCardReader.Read(json, name);
    }

    /// <summary>Returns this card after checking every value.</summary>
    /// <param name="name">Name of the model in error messages.</param>
    /// <exception cref="ModelCardException">A value is out of its range; the message lists all of them.</exception>
    public ModelCard Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ModelCardCheck.Check(this, name);
    }

    /// <summary>The card as JSON, as it is stored in the model's metadata. Values are not checked.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelCardJson.Type);
}
