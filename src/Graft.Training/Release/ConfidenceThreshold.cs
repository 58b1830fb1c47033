using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>
/// The confidence below which a model answers "unsure". It is chosen on held-out images, which its weights did not see.
/// </summary>
/// <param name="MaxError">Largest share of wrong answers, 0 to 0.5.</param>
/// <param name="Found">The threshold and its effect on the held-out images; null if no threshold keeps to
/// <paramref name="MaxError"/>.</param>
/// <param name="Count">Number of held-out images.</param>
internal sealed record ConfidenceThreshold(double MaxError, Abstention? Found, int Count)
{
    /// <summary>The threshold, 0 to 1; null if there is none.</summary>
    public double? UnsureBelow => Found?.Threshold;

    private string Summary =>
        Found is null
            ? $"No confidence threshold keeps the errors below {MaxError:0.##%} of the answers on the {Count:N0} "
                + "held-out images, so the model always answers; allow a higher error or give more images"
            : $"Below a confidence of {Found.Threshold:0.000} the model is unsure. It answers {Found.Answered:N0} of "
                + $"the {Count:N0} held-out images, {Found.Errors:N0} of them wrongly. {Certainty(Found)}";

    /// <summary>Chooses the threshold.</summary>
    /// <param name="logits">[N,C] logits of held-out images.</param>
    /// <param name="labels">[N] their classes.</param>
    /// <param name="temperature">The temperature by which the logits are divided.</param>
    /// <param name="maxError">Largest share of wrong answers, 0 to 0.5. Null: no threshold.</param>
    /// <returns>Null if <paramref name="maxError"/> is null.</returns>
    public static ConfidenceThreshold? Of(float[] logits, int[] labels, double temperature, double? maxError)
    {
        if (maxError is not double limit)
        {
            return null;
        }

        int classCount = logits.Length / labels.Length;
        float[] probabilities = Temperature.Probabilities(
            Array.ConvertAll(logits, logit => (double)logit),
            classCount,
            temperature
        );
        double[] confidences = new double[labels.Length];
        bool[] isCorrect = new bool[labels.Length];
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> row = probabilities.AsSpan(n * classCount, classCount);
            int answer = ProbabilityMatrix.IndexOfLargest(row);
            (confidences[n], isCorrect[n]) = (row[answer], answer == labels[n]);
        }

        return new(limit, Abstention.For(confidences, isCorrect, limit), labels.Length);
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
