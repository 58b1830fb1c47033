using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>
/// The confidence below which a model answers "unsure", found on images that its weights did not see.
/// </summary>
/// <param name="MaxError">What was asked for: at most this share of the answers wrong, 0 to 0.5.</param>
/// <param name="Found">What the threshold does on those images; null where none keeps to
/// <paramref name="MaxError"/>.</param>
/// <param name="Count">How many images those are.</param>
internal sealed record ConfidenceThreshold(double MaxError, Abstention? Found, int Count)
{
    public double? UnsureBelow => Found?.Threshold;

    private string Summary =>
        Found is null
            ? $"No confidence keeps the errors at {MaxError:0.##%} of the answers on the {Count:N0} held-out images: the model has no threshold and always answers; give a higher --max-error or more images"
            : $"Below a confidence of {Found.Threshold:0.000} the model is unsure; of the {Count:N0} held-out images it answers {Found.Answered:N0}, {Found.Errors:N0} of them wrongly; {Certainty(Found)}";

    /// <param name="logits">[N,C], of images that the weights did not see.</param>
    /// <param name="labels">[N]</param>
    /// <param name="temperature">What makes probabilities of them.</param>
    /// <param name="maxError">Null: there is to be no threshold.</param>
    public static ConfidenceThreshold? Of(float[] logits, int[] labels, double temperature, double? maxError)
    {
        if (maxError is not double most)
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

        return new(most, Abstention.For(confidences, isCorrect, most), labels.Length);
    }

    public void Tell(IProgress<TrainingEvent> progress) =>
        progress.Report(new Notice(Summary + ".", IsWarning: Found is null));

    private string Certainty(Abstention found) =>
        found.IsBoundedBy(MaxError)
            ? $"its errors are at most {MaxError:0.##%} of its answers with {Abstention.Confidence:0%} confidence"
            : $"they do not prove {MaxError:0.##%}{(MaxError > 0 ? $" (that takes at least {AnswersToProve:N0}, without an error)" : "")}, and so its confidences promise as much too";

    // (1 - share)^N = 0.05
    private double AnswersToProve => Math.Ceiling(Math.Log(1 - Abstention.Confidence) / Math.Log(1 - MaxError));
}
