using System.Text.Json;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>
/// Description that a model file carries: labels, preprocessing, body, license, data, scores and a self-test. It is
/// JSON in the ONNX metadata under <see cref="MetadataKey"/>.
/// </summary>
public sealed record ModelCard
{
    /// <summary>Key of the card in the ONNX file's metadata.</summary>
    public const string MetadataKey = "graft.card";

    /// <summary>The version that this code writes.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The oldest version that this code reads.</summary>
    public const int OldestVersion = 1;

    /// <summary>Version of the format that the card was read from. Writing uses the current one.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Whether an image has exactly one label, or any number of them. The default is one.</summary>
    public ClassificationTask Task { get; init; } = ClassificationTask.SingleLabel;

    /// <summary>The classes in the order of the network's output: 2 to 10,000 different names.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>
    /// Size, resizing, normalisation. <see cref="Preprocessor"/> resizes and crops; nodes in the file normalise.
    /// </summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The pretrained networks (backbones) that the model was made from: one or more.</summary>
    public required IReadOnlyList<BodyCard> Bodies { get; init; }

    /// <summary>The first of <see cref="Bodies"/>, and mostly the only one.</summary>
    public BodyCard Body => Bodies[0];

    /// <summary>
    /// The outputs of the graph and what they mean. Cards of version 1 do not list them; they name the probabilities.
    /// </summary>
    public IReadOnlyList<OutputCard> Outputs
    {
        get => field ?? [OutputCard.Probabilities(Task)];
        init;
    }

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
    /// Probability of 0 to 1 from which a label is given, one for each of <see cref="Labels"/>. Null where an image has
    /// exactly one label.
    /// </summary>
    public IReadOnlyList<double>? Thresholds { get; init; }

    /// <summary>
    /// Lowest probability, 0 to 1, at which a prediction is <see cref="ImagePrediction.IsSure"/>. Null if every
    /// prediction is. Training sets it from the highest error that the user accepts.
    /// </summary>
    public double? UnsureBelow { get; init; }

    /// <summary>The numbers that the file computes with. The default is float32, which the JSON leaves out.</summary>
    public ModelPrecision Precision { get; init; } = ModelPrecision.Float32;

    /// <summary>
    /// False where machines with different instruction sets computed the features: the same training then gives other
    /// bits. The default is true, which the JSON leaves out.
    /// </summary>
    public bool IsReproducible { get; init; } = true;

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
    public string ToJson() => JsonSerializer.Serialize(CardVersion2.Of(this), ModelCardJson.Version2);

    /// <summary>
    /// Path of the file that holds a model's card for programs that cannot read ONNX metadata: model.json for
    /// model.onnx. A name with another ending gets ".json" behind it.
    /// </summary>
    /// <param name="modelPath">Path of the model.</param>
    public static string PathBeside(string modelPath)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        return modelPath.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? Path.ChangeExtension(modelPath, ".json")
            : modelPath + ".json";
    }

    /// <summary>
    /// Writes the card as indented JSON beside a model, to <see cref="PathBeside"/>. The file is complete or absent; an
    /// existing one is replaced. Values are not checked.
    /// </summary>
    /// <param name="modelPath">Path of the model. The model itself is not read.</param>
    public void WriteBeside(string modelPath)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        string json = JsonSerializer.Serialize(CardVersion2.Of(this), ModelCardJson.IndentedVersion2);
        AtomicFile.Write(PathBeside(modelPath), json + "\n");
    }
}
