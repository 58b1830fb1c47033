namespace Graft;

/// <summary>What happens when the model answers only where its confidence is at least a threshold.</summary>
/// <param name="Threshold">The least confidence that is answered.</param>
/// <param name="Answered">Images answered.</param>
/// <param name="Coverage">Their share.</param>
/// <param name="Errors">Wrong answers.</param>
/// <param name="Risk">The share of wrong answers among the answers.</param>
/// <param name="RiskBound">That share is below this with 95 % confidence (one-sided, Clopper and Pearson).</param>
internal sealed record Abstention(double Threshold, int Answered, double Coverage, int Errors, double Risk, double RiskBound)
{
    public const double Confidence = 0.95;

    private const int TableSteps = 20;

    /// <summary>Risk against coverage, at about every twentieth of the images, falling coverage.</summary>
    /// <param name="confidences">[N], largest probabilities, of images that did not train the network.</param>
    /// <param name="isCorrect">[N].</param>
    public static IReadOnlyList<Abstention> Table(double[] confidences, bool[] isCorrect)
    {
        Abstention[] all = [.. Thresholds(confidences, isCorrect).Reverse()];
        List<Abstention> table = [];
        foreach (Abstention row in all)
        {
            bool isStep = table.Count == 0 || table[^1].Coverage - row.Coverage >= 1.0 / TableSteps;
            if (isStep)
            {
                table.Add(row.WithBound());
            }
        }

        return table;
    }

    /// <summary>
    /// The lowest threshold whose risk is at most <paramref name="maxError"/> with 95 % confidence; where there are too few images for that (1 % takes 299
    /// without an error), the lowest whose measured risk is at most <paramref name="maxError"/>, and RiskBound tells; null where there is none.
    /// </summary>
    /// <param name="confidences">[N], largest probabilities, of images that did not train the network.</param>
    /// <param name="isCorrect">[N].</param>
    /// <param name="maxError">Above 0, below 1.</param>
    public static Abstention? For(double[] confidences, bool[] isCorrect, double maxError)
    {
        if (!(maxError > 0 && maxError < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(maxError), maxError, "a share of errors is above 0 and below 1");
        }

        Abstention[] fitting = [.. Thresholds(confidences, isCorrect).Where(row => row.Risk <= maxError).Select(row => row.WithBound())];
        return fitting.LastOrDefault(row => row.RiskBound <= maxError) ?? fitting.LastOrDefault();
    }

    private Abstention WithBound() => this with { RiskBound = Binomial.UpperBound(Errors, Answered, Confidence) };

    /// <summary>One for each different confidence, from the highest down.</summary>
    private static IEnumerable<Abstention> Thresholds(double[] confidences, bool[] isCorrect)
    {
        if (confidences.Length == 0 || confidences.Length != isCorrect.Length || confidences.Any(c => !(c >= 0 && c <= 1)))
        {
            throw new ArgumentException("one confidence, 0 to 1, is needed for each of one or more answers", nameof(confidences));
        }

        int[] order = [.. Enumerable.Range(0, confidences.Length).OrderByDescending(n => confidences[n])];
        int errors = 0;
        for (int i = 0; i < order.Length; i++)
        {
            errors += isCorrect[order[i]] ? 0 : 1;
            if (i + 1 == order.Length || confidences[order[i + 1]] < confidences[order[i]])
            {
                int answered = i + 1;
                yield return new(confidences[order[i]], answered, (double)answered / order.Length, errors, (double)errors / answered, double.NaN);
            }
        }
    }
}
