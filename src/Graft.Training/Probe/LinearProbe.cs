using System.Numerics.Tensors;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training;

/// <summary>
/// A linear probe: logistic regression on features, whose L2 penalty is chosen by cross-validation. Immutable; may be
/// used from several threads.
/// </summary>
public sealed class LinearProbe
{
    private readonly LinearLayer _layer;

    private LinearProbe(IReadOnlyList<string> classes, ProbeResult fitted)
    {
        (_layer, Classes, InverseL2) = (fitted.Layer, classes, fitted.InverseL2);
        ProbeTrial chosen = fitted.Trials.First(trial => trial.InverseL2 == fitted.InverseL2);
        (Accuracy, Loss) = (chosen.Accuracy, chosen.MeanLossNats);
    }

    /// <summary>Names of the classes, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Number of features of a row, F.</summary>
    public int FeatureCount => _layer.FeatureCount;

    /// <summary>The chosen penalty, as scikit-learn's C: larger means weaker.</summary>
    public double InverseL2 { get; }

    /// <summary>Share of correct answers (0..1) to rows that were held out by the cross-validation.</summary>
    public double Accuracy { get; }

    /// <summary>Mean cross-entropy of the same answers, in nats.</summary>
    public double Loss { get; }

    /// <summary>Fits a probe.</summary>
    /// <param name="features">Features of at least two classes; some class needs two rows.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancel">Stops the fit.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">
    /// A feature is not finite, a class has no row, or no class has two rows.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public static LinearProbe Fit(
        FeatureTable features,
        LinearProbeOptions? options = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(features);
        options ??= new();
        options.Validate();
        int[] labels = [.. features.Labels];
        int[] folds = StratifiedFolds.Assign(labels, GroupsOf(features), (ulong)options.Seed, options.Folds);
        FeatureMatrix matrix = FeatureMatrix.Of(features.Values.ToArray(), features.Count, features.Groups);
        ProbeTrainingSet rows = new(matrix, labels, features.Classes.Count)
        {
            Weights = options.BalancesClasses ? ClassWeights.Balanced(labels, features.Classes.Count) : null,
        };
        return new(features.Classes, ProbeSearch.Run(rows, folds, progress: null, cancel));
    }

    /// <inheritdoc cref="Fit"/>
    public static Task<LinearProbe> FitAsync(
        FeatureTable features,
        LinearProbeOptions? options = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Fit(features, options, cancel), CancellationToken.None);

    /// <summary>The most probable class of a row.</summary>
    /// <param name="row">Features, [F].</param>
    /// <returns>A name out of <see cref="Classes"/>.</returns>
    /// <exception cref="ArgumentException">The row has another number of features.</exception>
    public string Predict(ReadOnlySpan<float> row) => Classes[ProbabilityMatrix.IndexOfLargest<double>(Logits(row))];

    /// <summary>The probability (0..1) of each class for a row, in the order of <see cref="Classes"/>.</summary>
    /// <inheritdoc cref="Predict"/>
    /// <returns>One probability for each class, [C].</returns>
    public IReadOnlyList<double> PredictProbabilities(ReadOnlySpan<float> row)
    {
        double[] probabilities = Logits(row);
        TensorPrimitives.SoftMax<double>(probabilities, probabilities);
        return probabilities;
    }

    // Copies, near duplicates and members of a group share a fold.
    private static int[]? GroupsOf(FeatureTable features)
    {
        if (features.Clusters is null)
        {
            return null;
        }

        Dictionary<string, int> numbers = [];
        return
        [
            .. features.Clusters.Select(cluster =>
            {
                numbers.TryAdd(cluster, numbers.Count);
                return numbers[cluster];
            }),
        ];
    }

    private double[] Logits(ReadOnlySpan<float> row) =>
        row.Length == FeatureCount
            ? _layer.Logits(row)
            : throw new ArgumentException($"a row has {FeatureCount} features, not {row.Length}", nameof(row));
}
