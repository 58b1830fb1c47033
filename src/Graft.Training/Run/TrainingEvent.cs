using System.Text.Json.Serialization;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>
/// An event of a training, reported to an <see cref="IProgress{T}"/>. Every event but <see cref="Progressed"/> is also
/// a line of log.jsonl.
/// </summary>
public abstract record TrainingEvent;

/// <summary>A phase begins.</summary>
/// <param name="Phase">Name of the phase: "read", "input", "fit", "extract", "first answer", "probe",
/// "search", "head training", "fine-tune", "export" or "evaluate".</param>
/// <param name="Detail">One line about the work, with numbers.</param>
public sealed record PhaseStarted(string Phase, string Detail) : TrainingEvent
{
    /// <summary>
    /// Number of the run's part that the phase belongs to, counted from 1. A part has one or more phases. 0 where it is
    /// not known yet.
    /// </summary>
    public int Number { get; init; }

    /// <summary>Number of parts of the run; 0 where it is not known yet.</summary>
    public int Count { get; init; }

    /// <summary>Estimated time until the run ends. Null: nothing has been measured yet.</summary>
    public TimeSpan? Left { get; init; }
}

/// <summary>Progress within a phase. There are many per second, for a progress bar.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="Done">Units done so far, 0 to <paramref name="Total"/>.</param>
/// <param name="Total">Units of the whole phase.</param>
/// <param name="Unit">Name of the units: "images", "steps" and so on.</param>
/// <param name="PerSecond">Units per second so far; 0 where it is not measured.</param>
/// <param name="Left">Estimated time until the phase ends; zero where it is not estimated.</param>
public sealed record Progressed(string Phase, long Done, long Total, string Unit, double PerSecond, TimeSpan Left)
    : TrainingEvent;

/// <summary>One pass over the training images has ended.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="Epoch">Number of the epoch, counted from 1.</param>
/// <param name="Epochs">Number of epochs in the phase, unless it stops early.</param>
/// <param name="TrainLoss">Mean loss of the training images, in nats.</param>
/// <param name="ValidationLoss">Mean loss of the validation images, in nats; null where the phase trains on all images
/// and validates none.</param>
/// <param name="ValidationAccuracy">Accuracy on the validation images, 0 to 1; null where none are validated. Where
/// images may have several labels: mean average precision.</param>
/// <param name="Rate">Learning rate of the head at the end of the epoch.</param>
public sealed record EpochEnded(
    string Phase,
    int Epoch,
    int Epochs,
    double TrainLoss,
    double? ValidationLoss,
    double? ValidationAccuracy,
    double Rate
) : TrainingEvent
{
    /// <summary>Whether an image has one label or any number, which decides what the accuracy is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ClassificationTask Task { get; init; }
}

/// <summary>A message for the user: an automatic choice, a rollback, an image that is left out.</summary>
/// <param name="Text">One line, safe to print.</param>
/// <param name="IsWarning">True where the user should look into it.</param>
public sealed record Notice(string Text, bool IsWarning = false) : TrainingEvent
{
    /// <summary>
    /// Path of the option that changes what the text says, such as "Body.InputSize"; null if there is none. The command
    /// names its flag.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Option { get; init; }
}

/// <summary>A model was written that is better than the one before it. The file can be used from now on.</summary>
/// <param name="Candidate">What the model is: "probe" or "fine-tuned".</param>
/// <param name="Accuracy">Accuracy on images that its weights did not see, 0 to 1. With several labels:
/// mean average precision.</param>
/// <param name="Interval">95 % interval of the accuracy.</param>
/// <param name="ModelPath">Path of the file.</param>
/// <param name="Seconds">Seconds since the run began, of all its sessions.</param>
public sealed record Improved(string Candidate, double Accuracy, Interval Interval, string ModelPath, double Seconds)
    : TrainingEvent
{
    /// <summary>Whether an image has one label or any number, which decides what the accuracy is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ClassificationTask Task { get; init; }
}

/// <summary>A phase has ended.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="Result">One line about the result.</param>
/// <param name="Seconds">Duration of the phase in this session.</param>
public sealed record PhaseEnded(string Phase, string Result, double Seconds) : TrainingEvent;

/// <summary>Several settings were tried, and one was chosen.</summary>
/// <param name="Subject">The setting that was chosen: "how far ...".</param>
/// <param name="Trials">The trials, in their order.</param>
/// <param name="Rule">The rule that chose.</param>
public sealed record TrialsEnded(string Subject, IReadOnlyList<Trial> Trials, string Rule) : TrainingEvent;
