using System.Collections.ObjectModel;

namespace Graft.Prediction;

/// <summary>Prediction of a model for one image.</summary>
/// <param name="Scores">
/// All classes, the most probable first; equally probable classes in the order of the model's card. The probabilities
/// sum to 1 only where an image has exactly one label (<see cref="ModelCard.Task"/>). Otherwise each class has a
/// probability of its own.
/// </param>
/// <param name="IsSure">
/// Whether the highest probability reaches the threshold <see cref="ModelCard.UnsureBelow"/>. Where an image may have
/// several labels: whether every label that reaches its own threshold reaches this one too. True if the card has no
/// such threshold.
/// </param>
public sealed record ImagePrediction(IReadOnlyList<LabelScore> Scores, bool IsSure)
{
    /// <summary>
    /// The labels of the image, the most probable first. Where an image has exactly one label: the most probable class.
    /// Otherwise: the classes whose probability reaches their threshold (<see cref="ModelCard.Thresholds"/>) and is
    /// sure; it may be none.
    /// </summary>
    public IReadOnlyList<string> Labels
    {
        get => field ?? [Label];
        init;
    }

    /// <summary>
    /// The classes that reach their threshold and are not sure, the most probable first; empty where an image has
    /// exactly one label.
    /// </summary>
    public IReadOnlyList<string> UnsureLabels
    {
        get => field ?? [];
        init;
    }

    /// <summary>The most probable class, even where an image may have several labels, or none.</summary>
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

        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i].Probability)]; // stable
        ReadOnlyCollection<LabelScore> sorted = Array.AsReadOnly(Array.ConvertAll(order, i => scores[i]));
        if (card.Thresholds is not IReadOnlyList<double> thresholds)
        {
            return new(sorted, !(sorted[0].Probability < card.UnsureBelow));
        }

        ILookup<bool, string> given = order
            .Where(i => scores[i].Probability >= thresholds[i])
            .ToLookup(i => !(scores[i].Probability < card.UnsureBelow), i => scores[i].Label);
        return new(sorted, !given[false].Any())
        {
            Labels = Array.AsReadOnly(given[true].ToArray()),
            UnsureLabels = Array.AsReadOnly(given[false].ToArray()),
        };
    }
}

/// <summary>One class and its probability.</summary>
/// <param name="Label">Name of the class.</param>
/// <param name="Probability">
/// Calibrated probability, 0 to 1. The probabilities of all classes sum to 1 where an image has exactly one label.
/// </param>
public readonly record struct LabelScore(string Label, double Probability);
