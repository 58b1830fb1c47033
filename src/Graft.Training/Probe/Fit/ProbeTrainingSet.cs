using Graft.Training.Extraction;

namespace Graft.Training.Probe;

/// <summary>The rows that a probe is fitted on.</summary>
/// <param name="Features">Features [N,F], finite, not standardised.</param>
/// <param name="Labels">
/// Class numbers [N], 0 to <paramref name="ClassCount"/> - 1. Every class has at least one row.
/// </param>
/// <param name="ClassCount">Number of classes, 2 or more.</param>
internal sealed record ProbeTrainingSet(FeatureMatrix Features, int[] Labels, int ClassCount)
{
    /// <summary>A matrix in memory.</summary>
    public ProbeTrainingSet(float[] features, int[] labels, int classCount)
        : this(FeatureMatrix.Of(features, labels.Length), labels, classCount) { }

    /// <summary>Factor of each row's loss, [N], in training and in the scores; null: all are 1.</summary>
    public double[]? Weights { get; init; }

    /// <summary>
    /// False for rows that train but do not count in the scores, such as random views, [N]; null: all count.
    /// </summary>
    public bool[]? IsScored { get; init; }

    /// <exception cref="GraftException">There are fewer than two classes, or a class has no row.</exception>
    public void Validate()
    {
        if (Features.Count != Labels.Length || Features.Count == 0)
        {
            throw new ArgumentException(
                $"{Features.Count} rows of features have {Labels.Length} labels",
                nameof(Features)
            );
        }

        if (ClassCount < 2)
        {
            throw new GraftException("a probe cannot be fitted: there is one class; give images of at least two");
        }

        if (Labels.Any(label => label < 0 || label >= ClassCount) || Labels.Distinct().Count() < ClassCount)
        {
            throw new GraftException(
                $"a probe cannot be fitted: of {ClassCount} classes only {Labels.Distinct().Count()} have images; "
                    + "add images or leave the empty classes out"
            );
        }

        if (
            Weights is not null
            && (Weights.Length != Labels.Length || Weights.Any(weight => !(weight > 0 && double.IsFinite(weight))))
        )
        {
            throw new ArgumentException("one positive, finite weight a row is needed", nameof(Weights));
        }

        if (IsScored is not null && IsScored.Length != Labels.Length)
        {
            throw new ArgumentException("one flag a row is needed", nameof(IsScored));
        }
    }
}
