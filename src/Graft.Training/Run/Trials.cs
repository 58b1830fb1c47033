using System.Text.Json.Nodes;

namespace Graft.Training;

/// <summary>One of the things tried.</summary>
/// <param name="Choice">Its name.</param>
/// <param name="Accuracy">0..1, on images that its weights did not see.</param>
/// <param name="Loss">Mean of the calibrated probabilities there, nats; infinite where it diverged.</param>
/// <param name="IsChosen">The winner.</param>
public sealed record Trial(string Choice, double Accuracy, double Loss, bool IsChosen);

/// <summary>A choice that the run made by itself: also evaluation.json's "trials".</summary>
/// <param name="Subject">What was chosen.</param>
/// <param name="Trials">In the order of trying; the first is what would have been taken without a look.</param>
/// <param name="Rule">By what the winner was chosen.</param>
internal sealed record TrialTable(string Subject, IReadOnlyList<Trial> Trials, string Rule)
{
    public TrialsEnded Event => new(Subject, Trials, Rule);

    public JsonObject ToJson() =>
        new()
        {
            ["subject"] = Subject,
            ["rule"] = Rule,
            ["tried"] = new JsonArray([
                .. Trials.Select(trial => new JsonObject
                {
                    ["choice"] = trial.Choice,
                    ["accuracy"] = trial.Accuracy,
                    ["loss"] = double.IsFinite(trial.Loss) ? trial.Loss : null,
                    ["isChosen"] = trial.IsChosen,
                }),
            ]),
        };
}
