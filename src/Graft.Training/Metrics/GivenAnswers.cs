namespace Graft.Training.Metrics;

/// <summary>The answers of a model with their confidence: one an image, or every label that is given.</summary>
internal static class GivenAnswers
{
    /// <summary>The most probable class of each image, [N].</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <param name="labels">[N].</param>
    public static (double[] Confidences, bool[] IsCorrect) OfOneClass(float[] probabilities, int[] labels)
    {
        int classCount = probabilities.Length / labels.Length;
        double[] confidences = new double[labels.Length];
        bool[] isCorrect = new bool[labels.Length];
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> row = probabilities.AsSpan(n * classCount, classCount);
            int answer = ProbabilityMatrix.IndexOfLargest(row);
            (confidences[n], isCorrect[n]) = (row[answer], answer == labels[n]);
        }

        return (confidences, isCorrect);
    }

    /// <summary>Every label that reaches its threshold, image by image.</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="thresholds">Probability from which each class is given, [C].</param>
    public static (double[] Confidences, bool[] IsCorrect) OfSets(
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        IReadOnlyList<double> thresholds
    )
    {
        List<double> confidences = [];
        List<bool> isCorrect = [];
        for (int i = 0; i < probabilities.Length; i++)
        {
            (int image, int c) = Math.DivRem(i, thresholds.Count);
            if (LabelDecisions.IsGiven(probabilities[i], thresholds[c]))
            {
                confidences.Add(Math.Min(probabilities[i], 1));
                isCorrect.Add(labels.Has(image, c));
            }
        }

        return ([.. confidences], [.. isCorrect]);
    }
}
