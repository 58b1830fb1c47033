using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>A run's evaluation.json: its model on the test images, and what led to the model.</summary>
public sealed record RunEvaluation : Evaluation
{
    /// <summary>Name of the file in a run's folder.</summary>
    public const string FileName = "evaluation.json";

    private const long LongestFile = 1 << 30;

    [JsonConstructor]
    internal RunEvaluation() { }

    [SetsRequiredMembers]
    internal RunEvaluation(Evaluation shipped)
        : base(shipped) { }

    /// <summary>Calibration error of the probabilities without their temperature, 0 to 1.</summary>
    [JsonPropertyOrder(1)]
    public required double CalibrationErrorBefore { get; init; }

    /// <summary>The temperature by which the model's logits are divided (Guo et al. 2017).</summary>
    [JsonPropertyOrder(1)]
    public required double Temperature { get; init; }

    /// <summary>The allowed share of wrong answers, 0 to 0.5; null if the training had no limit.</summary>
    [JsonPropertyOrder(1)]
    public double? MaxError { get; init; }

    /// <summary>
    /// Confidence below which the model is unsure; null if no threshold keeps to <see cref="MaxError"/>.
    /// </summary>
    [JsonPropertyOrder(1)]
    public double? UnsureBelow { get; init; }

    /// <summary>"probe" or "fine-tuned": the better one on the validation images.</summary>
    [JsonPropertyOrder(1)]
    public required string Shipped { get; init; } = "";

    /// <summary>Why this model was shipped, in one line.</summary>
    [JsonPropertyOrder(1)]
    public required string Reason { get; init; } = "";

    /// <summary>
    /// Why training stopped, in half a sentence: the target accuracy, the budget, the patience or the epochs.
    /// </summary>
    [JsonPropertyOrder(1)]
    public required string Stopped { get; init; } = "";

    /// <summary>
    /// Accuracy of the shipped model on the validation images, 0 to 1. Where images may have several labels: mean
    /// average precision.
    /// </summary>
    [JsonPropertyOrder(1)]
    public required double ValidationAccuracy { get; init; }

    /// <summary>
    /// Accuracy of the linear probe on the test images, 0 to 1. Where images may have several labels: mean average
    /// precision.
    /// </summary>
    [JsonPropertyOrder(1)]
    public required double ProbeAccuracy { get; init; }

    /// <summary>
    /// Accuracy of the linear probe on the validation images, 0 to 1. Where images may have several labels: mean
    /// average precision.
    /// </summary>
    [JsonPropertyOrder(1)]
    public required double ProbeValidationAccuracy { get; init; }

    /// <summary>
    /// Number of groups that the test images belong to; 0 where they belong to none. Images of one group are no
    /// independent trials: with few groups the accuracy is less certain than its interval says.
    /// </summary>
    [JsonPropertyOrder(1)]
    public int TestGroups { get; init; }

    /// <summary>Number of test images that show the same as a training or validation image.</summary>
    [JsonPropertyOrder(1)]
    public int LeakedTestImages { get; init; }

    /// <summary>Accuracy on the other test images, 0 to 1; null if nothing leaked, or everything did.</summary>
    [JsonPropertyOrder(1)]
    public double? AccuracyWithoutLeaks { get; init; }

    /// <summary>Wilson's 95 % interval of <see cref="AccuracyWithoutLeaks"/>.</summary>
    [JsonPropertyOrder(1)]
    public Interval? AccuracyIntervalWithoutLeaks { get; init; }

    /// <summary>Settings that the run compared to choose one.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<TrialTable> Trials
    {
        get => field ?? []; // generated code sets a member that the file does not have to null
        init;
    }

    /// <summary>Which weights of the body the training kept; null in files of earlier versions.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FrozenWeights? Frozen { get; init; }

    /// <summary>Seconds of each phase.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();

    /// <summary>Reads an evaluation.json.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static RunEvaluation Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return JsonFile.Read(path, LongestFile, ResultFormat.RunEvaluation);
    }

    /// <summary>The content of evaluation.json.</summary>
    public override string ToJson() => JsonSerializer.Serialize(this, ResultFormat.RunEvaluation);
}
