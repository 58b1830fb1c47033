namespace Graft.Training.Metrics;

/// <summary>Figures on validation images.</summary>
/// <param name="Accuracy">Share of correct answers, 0..1.</param>
/// <param name="Loss">Mean cross-entropy per image, in nats; infinite without images.</param>
internal sealed record ValidationScore(double Accuracy, double Loss)
{
    /// <summary>Scores logits, [N,C] row by row, against the images' class numbers.</summary>
    public static ValidationScore Of(ReadOnlySpan<float> logits, IReadOnlyList<int> labels)
    {
        if (labels.Count == 0)
        {
            return new(0, double.PositiveInfinity);
        }

        int classCount = logits.Length / labels.Count;
        int correct = 0;
        double loss = 0;
        for (int n = 0; n < labels.Count; n++)
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

        return new((double)correct / labels.Count, loss / labels.Count);
    }

    /// <summary>Compares by accuracy, and by loss where the accuracies are equal.</summary>
    public bool IsBetterThan(ValidationScore other) =>
        Accuracy > other.Accuracy || (Accuracy == other.Accuracy && Loss < other.Loss);
}
