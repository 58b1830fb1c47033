using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>
/// The confidence below which a model answers "unsure". It is chosen on held-out images, which its weights did not see.
/// </summary>
/// <param name="MaxError">Largest share of wrong answers, 0 to 0.5.</param>
/// <param name="Found">The threshold and its effect on the held-out images; null if no threshold keeps to
/// <paramref name="MaxError"/>.</param>
/// <param name="Count">Number of held-out images, or of labels given to them.</param>
internal sealed record ConfidenceThreshold(double MaxError, Abstention? Found, int Count)
{
    /// <summary>The threshold, 0 to 1; null if there is none.</summary>
    public double? UnsureBelow => Found?.Threshold;

    /// <summary>True where the answers are given labels, of which an image may have several.</summary>
    public bool AreLabels { get; init; }

    private string Summary =>
        Found is null
            ? $"No confidence threshold keeps the errors below {MaxError:0.##%} of the answers on the {Count:N0} "
                + $"{(AreLabels ? "labels given to held-out images" : "held-out images")}, so the model always "
                + "answers; allow a higher error or give more images"
            : $"Below a confidence of {Found.Threshold:0.000} the model is unsure. It answers {Found.Answered:N0} of "
                + $"the {Count:N0} {(AreLabels ? "labels given to held-out images" : "held-out images")}, "
                + $"{Found.Errors:N0} of them wrongly. {Certainty(Found)}";

    /// <summary>Chooses the threshold.</summary>
    /// <param name="logits">[N,C] logits of held-out images.</param>
    /// <param name="labels">What is true of them.</param>
    /// <param name="temperature">The temperature by which the logits are divided.</param>
    /// <param name="maxError">Largest share of wrong answers, 0 to 0.5. Null: no threshold.</param>
    /// <returns>Null if <paramref name="maxError"/> is null.</returns>
    public static ConfidenceThreshold? Of(float[] logits, TrueLabels labels, double temperature, double? maxError) =>
        Of(logits, labels, Calibration.OfTemperature(temperature, logits.Length / labels.Count), null, maxError);

    /// <param name="calibration">What makes the probabilities honest.</param>
    /// <param name="thresholds">
    /// Probability from which each class is given, [C]. The answers are then the given labels, not the images. Null:
    /// each image has one class.
    /// </param>
    /// <inheritdoc cref="Of(float[], TrueLabels, double, double?)"/>
    public static ConfidenceThreshold? Of(
        float[] logits,
        TrueLabels labels,
        Calibration calibration,
        double[]? thresholds,
        double? maxError
    )
    {
        if (maxError is not double limit)
        {
            return null;
        }

        float[] probabilities = calibration.Probabilities(logits);
        (double[] confidences, bool[] isCorrect) = thresholds is null
            ? GivenAnswers.OfOneClass(probabilities, labels.Numbers)
            : GivenAnswers.OfSets(probabilities, labels, thresholds);
        Abstention? found = confidences.Length == 0 ? null : Abstention.For(confidences, isCorrect, limit);
        return new(limit, found, confidences.Length) { AreLabels = thresholds is not null };
    }

    /// <summary>Reports the threshold, or a warning if there is none.</summary>
    public void Report(IProgress<TrainingEvent> progress) =>
        progress.Report(new Notice(Summary + ".", IsWarning: Found is null));

    private string Certainty(Abstention found) =>
        found.IsBoundedBy(MaxError)
            ? $"With {Abstention.Confidence:0%} confidence, at most {MaxError:0.##%} of its answers are wrong"
            : $"The answers are too few to prove {MaxError:0.##%}{AnswersNeeded}";

    private string AnswersNeeded => MaxError > 0 ? $": that takes {AnswersToProve:N0} without an error" : "";

    // (1 - share)^N = 0.05
    private double AnswersToProve => Math.Ceiling(Math.Log(1 - Abstention.Confidence) / Math.Log(1 - MaxError));
}
