namespace Graft.Prediction;

/// <summary>Prediction of a model for one image.</summary>
/// <param name="Scores">
/// All classes, the most probable first; equally probable classes in the order of the model's card.
/// </param>
/// <param name="IsSure">
/// Whether the highest probability reaches the threshold <see cref="ModelCard.UnsureBelow"/>. True if the card has no
/// threshold.
/// </param>
public sealed record ImagePrediction(IReadOnlyList<LabelScore> Scores, bool IsSure)
{
    /// <summary>The most probable class.</summary>
    public string Label => Scores[0].Label;

    /// <summary>Calibrated probability of <see cref="Label"/>, 0 to 1.</summary>
    public double Probability => Scores[0].Probability;

    /// <summary>
    /// Novelty score: distance of the image from the training data, 0 or more. Above 1, the image is farther away than
    /// 99 % of the held-out images. Null if the model does not compute it.
    /// </summary>
    public double? Unfamiliarity { get; init; }

    /// <summary>
    /// Whether the image resembles the training data: <see cref="Unfamiliarity"/> is at most 1 or unknown. The label of
    /// an unfamiliar image means little, however probable it is.
    /// </summary>
    public bool IsFamiliar => !(Unfamiliarity > 1);

    /// <summary>
    /// What to know about the image's file, on one line, such as a missing end marker; null if there is nothing.
    /// </summary>
    public string? Note { get; init; }

    internal static ImagePrediction From(ReadOnlySpan<float> probabilities, ModelCard card)
    {
        LabelScore[] scores = new LabelScore[probabilities.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = new(card.Labels[i], probabilities[i]);
        }

        LabelScore[] sorted = [.. scores.OrderByDescending(score => score.Probability)]; // a stable sort
        return new(Array.AsReadOnly(sorted), !(sorted[0].Probability < card.UnsureBelow));
    }
}

/// <summary>One class and its probability.</summary>
/// <param name="Label">Name of the class.</param>
/// <param name="Probability">Calibrated probability, 0 to 1; the probabilities of all classes sum to 1.</param>
public readonly record struct LabelScore(string Label, double Probability);
