using System.Text.Json.Serialization;
using Graft.Training.Metrics;

namespace Graft.Training;

/// <summary>
/// What happens when the model answers only where its confidence (largest probability) is at least a threshold.
/// </summary>
/// <param name="Threshold">The least confidence that is answered, 0 to 1.</param>
/// <param name="Answered">Images answered.</param>
/// <param name="Coverage">Their share of all images, 0 to 1.</param>
/// <param name="Errors">Wrong answers.</param>
/// <param name="Risk">Their share among the answers, 0 to 1; null where nothing is answered.</param>
/// <param name="PromisedRisk">The share of wrong answers that the confidences themselves promise: the mean of 1 -
/// confidence; null likewise.</param>
public sealed record Abstention(
    [property: JsonPropertyOrder(1)] double Threshold,
    [property: JsonPropertyOrder(3)] int Answered,
    [property: JsonPropertyOrder(0)] double Coverage,
    [property: JsonPropertyOrder(4)] int Errors,
    [property: JsonPropertyOrder(2), JsonPropertyName("error")] double? Risk,
    [property: JsonIgnore] double? PromisedRisk = null
)
{
    internal const double Confidence = 0.95;

    private static readonly double[] s_tableCoverages = [1, 0.95, 0.9, 0.8, 0.7, 0.5];

    /// <summary>
    /// The share of wrong answers is below this with 95 % confidence (one-sided, Clopper and Pearson).
    /// </summary>
    [JsonIgnore]
    public double RiskBound => Binomial.UpperBound(Errors, Answered, Confidence);

    /// <summary>
    /// Risk against coverage: for 100, 95, 90, 80, 70 and 50 % of the images the highest threshold that answers at
    /// least so many; images of equal confidence
    /// are answered together, so that a row can stand for several.
    /// </summary>
    /// <param name="confidences">[N], largest probabilities, of images that did not train the network.</param>
    /// <param name="isCorrect">[N].</param>
    internal static IReadOnlyList<Abstention> Table(double[] confidences, bool[] isCorrect)
    {
        Abstention[] all = [.. Thresholds(confidences, isCorrect)];
        return [.. s_tableCoverages.Select(share => all.First(row => row.Coverage >= share)).Distinct()];
    }

    /// <summary>What a given threshold does.</summary>
    internal static Abstention At(double threshold, double[] confidences, bool[] isCorrect)
    {
        Abstention? found = Thresholds(confidences, isCorrect).LastOrDefault(row => row.Threshold >= threshold);
        return found is null ? new(threshold, 0, 0, 0, null, null) : found with { Threshold = threshold };
    }

    /// <summary>
    /// The lowest threshold whose risk is at most <paramref name="maxError"/> with 95 % confidence. 1 % takes 299
    /// answers without an error; where there are
    /// too few images for that, the lowest threshold at which both the measured and the promised risk are at most
    /// <paramref name="maxError"/>: a few images that all
    /// happen to be right would by themselves let a model that is never sure answer always. Null where there is none.
    /// </summary>
    /// <param name="confidences">[N], largest probabilities, calibrated, of images that did not train the
    /// network.</param>
    /// <param name="isCorrect">[N].</param>
    /// <param name="maxError">0 to 0.5.</param>
    internal static Abstention? For(double[] confidences, bool[] isCorrect, double maxError)
    {
        if (!(maxError >= 0 && maxError <= 0.5))
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxError),
                maxError,
                "a share of errors to keep to lies between 0 and 0.5"
            );
        }

        Abstention[] fitting = [.. Thresholds(confidences, isCorrect).Where(row => row.Risk <= maxError).Reverse()];
        return Array.Find(fitting, row => row.IsBoundedBy(maxError))
            ?? Array.Find(fitting, row => row.PromisedRisk <= maxError);
    }

    /// <summary>
    /// True where so few errors would come up in less than one of twenty samples if the risk were
    /// <paramref name="risk"/>: where RiskBound is at most that.
    /// </summary>
    internal bool IsBoundedBy(double risk) => Binomial.AtMost(Errors, Answered, risk) <= 1 - Confidence;

    /// <summary>One for each different confidence, from the highest down.</summary>
    private static IEnumerable<Abstention> Thresholds(double[] confidences, bool[] isCorrect)
    {
        if (
            confidences.Length == 0
            || confidences.Length != isCorrect.Length
            || confidences.Any(c => !(c >= 0 && c <= 1))
        )
        {
            throw new ArgumentException(
                "one confidence, 0 to 1, is needed for each of one or more answers",
                nameof(confidences)
            );
        }

        int[] order = [.. Enumerable.Range(0, confidences.Length).OrderByDescending(n => confidences[n])];
        int errors = 0;
        double doubt = 0;
        for (int i = 0; i < order.Length; i++)
        {
            errors += isCorrect[order[i]] ? 0 : 1;
            doubt += 1 - confidences[order[i]];
            if (i + 1 == order.Length || confidences[order[i + 1]] < confidences[order[i]])
            {
                int answered = i + 1;
                yield return new(
                    confidences[order[i]],
                    answered,
                    (double)answered / order.Length,
                    errors,
                    (double)errors / answered,
                    doubt / answered
                );
            }
        }
    }
}
