using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>
/// What a model file says of itself, as JSON in the ONNX metadata under <see cref="MetadataKey"/>: labels,
/// preprocessing, body, licence, data, scores, a self-test.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The key in the ONNX file's metadata.</summary>
    public const string MetadataKey = "graft.card";

    /// <summary>The version that this code writes, and the only one it reads.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The classes in the order of the output's columns: 2 to 10,000, all different.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>
    /// Resize and crop are applied by <see cref="Preprocessor"/>; the normalisation lies in the file as nodes.
    /// </summary>
    public required Preprocessing Preprocessing { get; init; }

    public required BodyCard Body { get; init; }

    /// <summary>The options that the model was trained with, as JSON; null where unknown.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>SHA-256 over the training data, 64 hexadecimal digits; null where unknown.</summary>
    public string? DataFingerprint { get; init; }

    public ImageCounts Images { get; init; } = new(0, 0, 0);

    public ModelScores Scores { get; init; } = new();

    /// <summary>The logits were divided by it before the softmax, inside the file; above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// A prediction whose best probability lies below is not <see cref="ImagePrediction.IsSure"/>, 0..1; null: all are.
    /// `graft train --max-error` sets it.
    /// </summary>
    public double? UnsureBelow { get; init; }

    /// <summary>The program and its version.</summary>
    public required string CreatedBy { get; init; }

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

/// <summary>The pretrained network that a model was made from.</summary>
/// <param name="Name">In the catalogue, or a file's name.</param>
/// <param name="License">Of the weights, such as "Apache-2.0"; null where unknown.</param>
/// <param name="Origin">Who made the weights and where they come from; null where unknown.</param>
/// <param name="WeightsSha256">Of the weight file, 64 hexadecimal digits; null where unknown.</param>
public sealed record BodyCard(
    string Name,
    [property: JsonPropertyName("licence")] string? License = null,
    string? Origin = null,
    string? WeightsSha256 = null
);

/// <summary>How many images each part had.</summary>
public sealed record ImageCounts(int Train, int Validation, int Test);

/// <summary>Measured by the training run.</summary>
/// <param name="ValidationAccuracy">0..1; null where there were no validation images.</param>
/// <param name="TestAccuracy">0..1; null in a file written before its test: evaluation.json beside it has the
/// result.</param>
public sealed record ModelScores(double? ValidationAccuracy = null, double? TestAccuracy = null);
