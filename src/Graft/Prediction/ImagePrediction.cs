namespace Graft.Prediction;

/// <summary>What a model says of one image.</summary>
/// <param name="Scores">Every class, the most probable first; equal ones in the order of the card.</param>
/// <param name="IsSure">False where the best probability lies below the threshold of the model's card
/// (<see cref="ModelCard.UnsureBelow"/>); true where the card has none.</param>
public sealed record ImagePrediction(IReadOnlyList<LabelScore> Scores, bool IsSure)
{
    /// <summary>The most probable class.</summary>
    public string Label => Scores[0].Label;

    /// <summary>Of <see cref="Label"/>, 0..1.</summary>
    public double Probability => Scores[0].Probability;

    /// <summary>
    /// How far the image lies from everything that the model was trained on, 0 or more: beyond 1 farther than all but
    /// one in a hundred of the held-out images; null where the model cannot tell.
    /// </summary>
    public double? Unfamiliarity { get; init; }

    /// <summary>
    /// False where the image is unlike anything that the model was trained on (<see cref="Unfamiliarity"/> above 1):
    /// its label then means little, however probable. True where the model cannot tell.
    /// </summary>
    public bool IsFamiliar => !(Unfamiliarity > 1);

    internal static ImagePrediction From(ReadOnlySpan<float> probabilities, ModelCard card)
    {
        LabelScore[] scores = new LabelScore[probabilities.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = new(card.Labels[i], probabilities[i]);
        }

        LabelScore[] sorted = [.. scores.OrderByDescending(score => score.Probability)]; // stable
        return new(Array.AsReadOnly(sorted), !(sorted[0].Probability < card.UnsureBelow));
    }
}

/// <summary>One class and its probability.</summary>
/// <param name="Probability">0..1; over all classes they sum to 1.</param>
public readonly record struct LabelScore(string Label, double Probability);

/// <summary>One of many images: either its prediction or the reason why there is none.</summary>
/// <param name="Path">As it was given; untrusted text.</param>
/// <param name="Prediction">Null where the image cannot be used.</param>
/// <param name="Failure">Why there is no prediction: one line, safe to print; null where there is one.</param>
public sealed record PredictionResult(string Path, ImagePrediction? Prediction, string? Failure);
