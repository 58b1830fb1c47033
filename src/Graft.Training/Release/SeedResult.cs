using System.Text.Json.Serialization;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>
/// Result of one seed's run, from its evaluation.json. Where images may have several labels, the accuracies are mean
/// average precisions.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Run">Folder of the run, relative to the folder of all runs.</param>
/// <param name="Shipped">The model that was shipped: "probe", for example.</param>
/// <param name="Accuracy">Accuracy of the shipped model on the test images, 0 to 1.</param>
/// <param name="ProbeAccuracy">Accuracy of the probe on the test images, 0 to 1.</param>
/// <param name="ValidationAccuracy">Accuracy of the shipped model on the held-out images, 0 to 1.</param>
/// <param name="Count">Number of test images.</param>
/// <param name="Stopped">Why training stopped.</param>
public sealed record SeedResult(
    long Seed,
    string Run,
    string Shipped,
    double Accuracy,
    double ProbeAccuracy,
    double ValidationAccuracy,
    int Count,
    string Stopped
)
{
    /// <summary>Whether an image has one label or any number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ClassificationTask Task { get; init; }
}
