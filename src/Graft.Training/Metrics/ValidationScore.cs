namespace Graft.Training.Metrics;

/// <summary>Figures on validation images.</summary>
/// <param name="Accuracy">
/// Share of correct answers, 0..1; mean average precision where images may have several classes.
/// </param>
/// <param name="Loss">
/// Mean cross-entropy per image, in nats, summed over the classes where there may be several; infinite without images.
/// </param>
internal sealed record ValidationScore(double Accuracy, double Loss)
{
    /// <summary>Scores logits, [N,C] row by row, against what is true of the images.</summary>
    public static ValidationScore Of(ReadOnlySpan<float> logits, TrueLabels labels) =>
        labels.Count == 0 ? new(0, double.PositiveInfinity)
        : labels.AreSets ? OfSets(logits, labels)
        : OfNumbers(logits, labels.Numbers);

    private static ValidationScore OfSets(ReadOnlySpan<float> logits, TrueLabels labels)
    {
        double[] scores = new double[logits.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = logits[i];
        }

        double loss = 0;
        for (int n = 0; n < labels.Count; n++)
        {
            loss += Sigmoid.Loss(scores.AsSpan(n * labels.ClassCount, labels.ClassCount), labels, n);
        }

        return new(AveragePrecision.Mean(scores, labels, labels.ClassCount), loss / labels.Count);
    }

    private static ValidationScore OfNumbers(ReadOnlySpan<float> logits, int[] labels)
    {
        int classCount = logits.Length / labels.Length;
        int correct = 0;
        double loss = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> row = logits.Slice(n * classCount, classCount);
            int best = ProbabilityMatrix.IndexOfLargest(row);
            double sum = 0;
            foreach (float logit in row)
            {
                sum += Math.Exp(logit - (double)row[best]);
            }

            correct += best == labels[n] ? 1 : 0;
            loss += Math.Log(sum) + row[best] - row[labels[n]];
        }

        return new((double)correct / labels.Length, loss / labels.Length);
    }

    /// <summary>Compares by accuracy, and by loss where the accuracies are equal.</summary>
    public bool IsBetterThan(ValidationScore other) =>
        Accuracy > other.Accuracy || (Accuracy == other.Accuracy && Loss < other.Loss);
}
