using System.Text.Json.Serialization;

namespace Graft.Prediction;

/// <summary>Pretrained network (backbone) that a model was made from.</summary>
/// <param name="Name">Name in the catalogue, or the name of a file.</param>
/// <param name="License">License of the weights, such as "Apache-2.0"; null if unknown.</param>
/// <param name="Origin">Author and source of the weights; null if unknown.</param>
/// <param name="WeightsSha256">SHA-256 of the weight file, 64 hexadecimal digits; null if unknown.</param>
public sealed record BodyCard(
    string Name,
    [property: JsonPropertyName("licence")] string? License = null,
    string? Origin = null,
    string? WeightsSha256 = null
);

/// <summary>An output of the model's ONNX graph.</summary>
/// <param name="Name">Name of the output, such as <see cref="ClassifierEdges.Probabilities"/>.</param>
/// <param name="Meaning">What it holds, in one sentence, for readers who do not use Graft.</param>
public sealed record OutputCard(string Name, string Meaning)
{
    /// <summary>The output with the probabilities.</summary>
    /// <param name="task">Whether they sum to 1.</param>
    public static OutputCard Probabilities(ClassificationTask task) =>
        new(
            ClassifierEdges.Probabilities,
            task == ClassificationTask.MultiLabel
                ? "N x C: calibrated probability of each label, in the order of labels, each by itself; give the "
                    + "labels at or above their threshold"
                : "N x C: calibrated probability of each label, in the order of labels; they sum to 1"
        );

    /// <summary>The output with the novelty score.</summary>
    public static OutputCard Unfamiliarity { get; } =
        new(
            ClassifierEdges.Unfamiliarity,
            "N x 1: distance from the training images; above 1, farther than 99 % of the held-out images"
        );
}

/// <summary>Number of images in each part of the data.</summary>
/// <param name="Train">Number of training images.</param>
/// <param name="Validation">Number of validation images.</param>
/// <param name="Test">Number of test images.</param>
public sealed record ImageCounts(int Train, int Validation, int Test);

/// <summary>
/// Accuracies that the training run measured. Where images may have several labels: mean average precisions.
/// </summary>
/// <param name="ValidationAccuracy">Accuracy on the validation images, 0 to 1; null if there were none.</param>
/// <param name="TestAccuracy">
/// Accuracy on the test images, 0 to 1. Null if the file was written before its test; the run's evaluation.json then
/// has the result.
/// </param>
public sealed record ModelScores(double? ValidationAccuracy = null, double? TestAccuracy = null);
