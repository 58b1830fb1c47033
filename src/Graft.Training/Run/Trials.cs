using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>A setting that was tried.</summary>
/// <param name="Choice">Its name.</param>
/// <param name="Accuracy">Accuracy on images that its weights did not see, 0 to 1. With several labels:
/// mean average precision.</param>
/// <param name="Loss">Mean loss of the calibrated probabilities on them, in nats; infinite if training
/// diverged.</param>
/// <param name="IsChosen">True for the setting that was chosen.</param>
public sealed record Trial(
    string Choice,
    double Accuracy,
    [property: JsonConverter(typeof(FiniteOrNullJson))] double Loss,
    bool IsChosen
);

/// <summary>Settings that a run compared to choose one.</summary>
/// <param name="Subject">What was chosen.</param>
/// <param name="Trials">In the order of trying; the first is the usual setting.</param>
/// <param name="Rule">The rule by which one was chosen.</param>
public sealed record TrialTable(
    [property: JsonPropertyOrder(0)] string Subject,
    [property: JsonPropertyOrder(2), JsonPropertyName("tried")] IReadOnlyList<Trial> Trials,
    [property: JsonPropertyOrder(1)] string Rule
)
{
    internal TrialsEnded Event => new(Subject, Trials, Rule);
}
