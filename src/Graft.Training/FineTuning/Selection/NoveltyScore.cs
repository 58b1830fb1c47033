using System.Numerics;
using System.Runtime.CompilerServices;
using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.FineTuning;

/// <summary>
/// Novelty score: how far an image's features are from the training images. It is one minus the cosine to the mean
/// direction of the nearest class, divided by a distance that nearly all held-out images stay within.
/// </summary>
/// <remarks>
/// The exported model computes it as a second output, from C x F weights. Compared with nearest neighbours (Sun et al.
/// 2022, "Out-of-Distribution Detection with Deep Nearest Neighbors") and with centred or standardised features, class
/// means recognise unfamiliar images as well or better, and cost nothing (docs/results.md, "Unlike anything it was
/// trained on").
/// </remarks>
internal sealed class NoveltyScore
{
    /// <summary>Share of held-out images within the threshold.</summary>
    public const double KeptShare = 0.99;

    /// <summary>Shorter feature vectors count as this long.</summary>
    public const double LeastLength = 1e-12;

    private const double LeastThreshold = 1e-4; // smaller distances are rounding errors of float32

    private readonly double[][] _sums; // [C][F]: sum of the directions of a class's rows
    private readonly double[][] _centres; // [C][F]: direction of the sum; zeros for a class without images

    private NoveltyScore(double[][] sums, int featureCount)
    {
        _sums = sums;
        _centres = Array.ConvertAll(sums, Unit);
        FeatureCount = featureCount;
    }

    /// <summary>Number of features, F.</summary>
    public int FeatureCount { get; }

    /// <summary>Computes the class centres.</summary>
    /// <param name="features">Features, [N,F]; no row is all zero.</param>
    /// <param name="groups">The class of each row, or what stands for it.</param>
    public static NoveltyScore Fit(FeatureMatrix features, NoveltyGroups groups) =>
        Fit(features, groups.Numbers, groups.Count);

    /// <param name="labels">Class of each row, [N].</param>
    /// <param name="classCount">Number of classes, C.</param>
    /// <inheritdoc cref="Fit(FeatureMatrix, NoveltyGroups)"/>
    public static NoveltyScore Fit(FeatureMatrix features, int[] labels, int classCount)
    {
        double[][] sums = [.. Enumerable.Range(0, classCount).Select(_ => new double[features.FeatureCount])];
        ForEachDirection(features, (n, unit) => Add(sums[labels[n]], unit));
        return new(sums, features.FeatureCount);
    }

    /// <summary>
    /// Leave-one-out distance of each row to the class centres. With a frozen body it estimates the distances of unseen
    /// images.
    /// </summary>
    /// <param name="features">The features that the centres were computed from.</param>
    /// <param name="labels">Their classes.</param>
    public double[] LeaveOneOut(FeatureMatrix features, int[] labels)
    {
        double[] squares = Array.ConvertAll(_sums, sum => Dot(sum, sum));
        double[] distances = new double[features.Count];
        ForEachDirection(features, (n, unit) =>
        {
            double nearest = -1;
            for (int c = 0; c < _sums.Length; c++)
            {
                double along = Dot(unit, _sums[c]);
                bool isOwn = c == labels[n];
                double square = isOwn ? squares[c] - (2 * along) + 1 : squares[c]; // |sum - unit|^2
                nearest = Math.Max(
                    nearest,
                    (isOwn ? along - 1 : along) / Math.Max(LeastLength, Math.Sqrt(Math.Max(0, square)))
                );
            }

            distances[n] = 1 - nearest;
        });
        return distances;
    }

    /// <summary>Distance of a direction from the nearest centre, 0 to 2.</summary>
    private double Distance(double[] unit)
    {
        double nearest = -1;
        foreach (double[] centre in _centres)
        {
            nearest = Math.Max(nearest, Dot(unit, centre));
        }

        return 1 - nearest;
    }

    /// <summary>Distance of each row from the nearest centre, 0 to 2.</summary>
    public double[] Distances(FeatureMatrix features)
    {
        double[] distances = new double[features.Count];
        ForEachDirection(features, (n, unit) => distances[n] = Distance(unit));
        return distances;
    }

    /// <summary>
    /// The distance that <see cref="KeptShare"/> of the given ones do not exceed; the largest one of fewer than 100.
    /// </summary>
    public static double Threshold(IReadOnlyCollection<double> distances) =>
        Math.Max(LeastThreshold, distances.Order().ElementAt((int)Math.Ceiling(KeptShare * distances.Count) - 1));

    /// <summary>Adds the score as an output of a model (<see cref="NoveltyOutput"/>).</summary>
    /// <param name="model">The model that gets the output.</param>
    /// <param name="edge">Edge of the features, [N,F].</param>
    /// <param name="threshold">The distance that is divided by.</param>
    public void AppendTo(OnnxModel model, string edge, double threshold) =>
        NoveltyOutput.Append(model, edge, _centres, FeatureCount, threshold);

    // Calls back with the number of each row and its direction.
    private static void ForEachDirection(FeatureMatrix features, Action<int, double[]> use)
    {
        double[] unit = new double[features.FeatureCount];
        foreach ((int first, ReadOnlyMemory<float> values) in features.Blocks())
        {
            for (int i = 0; i < values.Length / unit.Length; i++)
            {
                Widen(values.Span.Slice(i * unit.Length, unit.Length), unit);
                ToUnit(unit);
                use(first + i, unit);
            }
        }
    }

    private static void Add(double[] sum, double[] values)
    {
        for (int f = 0; f < sum.Length; f++)
        {
            sum[f] += values[f];
        }
    }

    private static void Widen(ReadOnlySpan<float> row, double[] values)
    {
        for (int f = 0; f < values.Length; f++)
        {
            values[f] = row[f];
        }
    }

    private static double[] Unit(double[] values)
    {
        double[] unit = [.. values];
        ToUnit(unit);
        return unit;
    }

    private static void ToUnit(double[] values)
    {
        double length = Math.Max(LeastLength, Math.Sqrt(Dot(values, values)));
        for (int f = 0; f < values.Length; f++)
        {
            values[f] /= length;
        }
    }

    // A million values in a process of two seconds: too many for code that is not optimised yet, too few to wait for
    // the compilation of TensorPrimitives.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(double[] left, double[] right)
    {
        Vector<double> sums = Vector<double>.Zero;
        int f = 0;
        for (; f <= left.Length - Vector<double>.Count; f += Vector<double>.Count)
        {
            sums += new Vector<double>(left, f) * new Vector<double>(right, f);
        }

        double sum = Vector.Sum(sums);
        for (; f < left.Length; f++)
        {
            sum += left[f] * right[f];
        }

        return sum;
    }
}
