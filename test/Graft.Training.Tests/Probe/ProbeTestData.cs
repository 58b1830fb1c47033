using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

/// <summary>Small made-up problems.</summary>
internal static class ProbeTestData
{
    /// <summary>
    /// Classes that overlap: normal noise around means that lie about <paramref name="separation"/> apart, on a slope
    /// of scales, away from zero.
    /// </summary>
    public static (float[] Features, int[] Labels) Classes(
        int rowCount,
        int featureCount,
        int classCount,
        double separation,
        ulong seed = 1
    )
    {
        CountedRandom random = new(seed, RandomPurpose.HeadValues);
        uint draw = 0;
        double[] means =
        [
            .. Enumerable.Range(0, classCount * featureCount).Select(_ => separation * random.Normal(draw++)),
        ];
        int[] labels = [.. Enumerable.Range(0, rowCount).Select(n => n % classCount)];
        float[] features = new float[rowCount * featureCount];
        for (int n = 0; n < rowCount; n++)
        {
            for (int f = 0; f < featureCount; f++)
            {
                double value = means[(labels[n] * featureCount) + f] + random.Normal(draw++);
                features[(n * featureCount) + f] = (float)((value / (1 + f)) + 3);
            }
        }

        return (features, labels);
    }

    /// <summary>
    /// Fits and returns the layer on raw features, with the product's standardisation where
    /// <paramref name="standardisation"/> is null.
    /// </summary>
    public static (LinearLayer Layer, LogisticSolution Solution) Fit(
        float[] features,
        int[] labels,
        int classCount,
        double inverseL2,
        double tolerance,
        double[]? weights = null,
        bool rotate = true,
        double[]? start = null,
        Standardisation? standardisation = null
    )
    {
        FeatureMatrix rows = FeatureMatrix.Of(features, labels.Length);
        standardisation ??= Standardisation.Of(rows);
        using PrincipalAxes axes = PrincipalAxes.Of(rows, standardisation, rotate);
        using RotatedFeatures exact = axes.Coordinates.InDouble;
        using LogisticProblem problem = new(exact, labels, weights, classCount);
        LogisticSolution solution = LogisticRegression.Fit(
            problem,
            inverseL2,
            start,
            tolerance,
            5000,
            CancellationToken.None
        );
        return (standardisation.Fold(axes.ToFeatures(solution.Parameters, classCount)), solution);
    }

    /// <summary>
    /// The spread of each feature, at least a fifth of the mean spread: what golden/logistic was made with.
    /// </summary>
    public static Standardisation Floored(float[] features, int featureCount)
    {
        Standardisation made = Standardisation.Of(FeatureMatrix.Of(features, features.Length / featureCount));
        double meanSpread = made.Scale.Average();
        return made with
        {
            Scale =
            [
                .. made.Scale.Select(scale =>
                    Math.Max(
                        (scale - (Standardisation.Shared * meanSpread)) / (1 - Standardisation.Shared),
                        0.2 * meanSpread
                    )
                ),
            ],
        };
    }

    /// <summary>[N,C] probabilities of a layer.</summary>
    public static double[] Probabilities(LinearLayer layer, float[] features)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor(layer.Logits(features)).view(-1, layer.ClassCount).softmax(1).data<double>().ToArray();
    }

    public static double LargestDifference(double[] one, double[] other) =>
        one.Zip(other, (a, b) => Math.Abs(a - b)).Max();
}
