using Graft.Training.Extraction;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>The rows that a probe is fitted on.</summary>
/// <param name="Features">Features [N,F], finite, not standardised.</param>
/// <param name="Labels">
/// Class numbers [N], 0 to <paramref name="ClassCount"/> - 1, of which every one has at least one row; or the classes
/// of each row.
/// </param>
/// <param name="ClassCount">Number of classes, 2 or more.</param>
internal sealed record ProbeTrainingSet(FeatureMatrix Features, TrueLabels Labels, int ClassCount)
{
    /// <summary>A matrix in memory.</summary>
    public ProbeTrainingSet(float[] features, TrueLabels labels, int classCount)
        : this(FeatureMatrix.Of(features, labels.Count), labels, classCount) { }

    /// <summary>Factor of each row's loss, [N], in training and in the scores; null: all are 1.</summary>
    public double[]? Weights { get; init; }

    /// <summary>
    /// Factor of the loss of each class's positives, [C], where a row has any number of classes; null: all are 1.
    /// </summary>
    public double[]? PositiveWeights { get; init; }

    /// <summary>
    /// False for rows that train but do not count in the scores, such as random views, [N]; null: all count.
    /// </summary>
    public bool[]? IsScored { get; init; }

    /// <summary>
    /// True where linear discriminant analysis is tried beside logistic regression. It needs rows of one class each.
    /// </summary>
    public bool TriesClosedForm { get; init; }

    /// <summary>Numbers of the rows that count in the scores: the plain views.</summary>
    public int[] PlainRows => [.. Enumerable.Range(0, Labels.Count).Where(n => IsScored?[n] != false)];

    /// <exception cref="GraftException">There are fewer than two classes, or a class has no row.</exception>
    public void Validate()
    {
        if (Features.Count != Labels.Count || Features.Count == 0)
        {
            throw new ArgumentException(
                $"{Features.Count} rows of features have {Labels.Count} labels",
                nameof(Features)
            );
        }

        if (ClassCount < 2)
        {
            throw new GraftException("a probe cannot be fitted: there is one class; give images of at least two");
        }

        int[] numbers = Labels.AreSets ? [] : Labels.Numbers;
        if (numbers.Any(label => label < 0 || label >= ClassCount) || Empty(numbers))
        {
            throw new GraftException(
                $"a probe cannot be fitted: of {ClassCount} classes only {numbers.Distinct().Count()} have images; "
                    + "add images or leave the empty classes out"
            );
        }

        if (
            Weights is not null
            && (Weights.Length != Labels.Count || Weights.Any(weight => !(weight > 0 && double.IsFinite(weight))))
        )
        {
            throw new ArgumentException("one positive, finite weight a row is needed", nameof(Weights));
        }

        if (IsScored is not null && IsScored.Length != Labels.Count)
        {
            throw new ArgumentException("one flag a row is needed", nameof(IsScored));
        }
    }

    /// <summary>The loss of a row, in nats; summed over the classes where it may have several.</summary>
    /// <param name="row">Number of the row.</param>
    /// <param name="logits">Its logits, [C].</param>
    public double LossOf(int row, ReadOnlySpan<double> logits)
    {
        if (!Labels.AreSets)
        {
            return LogSum.Of(logits) - logits[Labels.Numbers[row]];
        }

        double sum = 0;
        for (int c = 0; c < logits.Length; c++)
        {
            bool has = Labels.Has(row, c);
            sum += (has ? PositiveWeights?[c] ?? 1 : 1) * Sigmoid.Loss(logits[c], has);
        }

        return sum;
    }

    /// <summary>1 where the row's class is found; the share of right decisions where it may have several.</summary>
    /// <inheritdoc cref="LossOf"/>
    public double RightShareOf(int row, ReadOnlySpan<double> logits)
    {
        if (!Labels.AreSets)
        {
            return ProbabilityMatrix.IndexOfLargest(logits) == Labels.Numbers[row] ? 1 : 0;
        }

        int right = 0;
        for (int c = 0; c < logits.Length; c++)
        {
            right += logits[c] >= 0 == Labels.Has(row, c) ? 1 : 0;
        }

        return (double)right / logits.Length;
    }

    private bool Empty(int[] numbers) => !Labels.AreSets && numbers.Distinct().Count() < ClassCount;
}
