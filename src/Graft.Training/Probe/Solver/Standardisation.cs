using Graft.Training.Bodies;
using Graft.Training.Extraction;

namespace Graft.Training.Probe;

/// <summary>
/// Subtracts the mean of each feature and divides by a scale half-way between its own spread and the mean spread of its
/// group: the features of one map. A feature that is almost constant in the training images must not get a huge weight,
/// and rare features say less than frequent ones. Measured against a floor of a fifth of the mean spread, and each
/// map by itself against all together: docs/results.md, "How features are scaled" and "Every stage by itself".
/// </summary>
/// <param name="Mean">Mean of each feature, [F].</param>
/// <param name="Scale">Divisor of each feature, [F], above 0.</param>
internal sealed record Standardisation(double[] Mean, double[] Scale)
{
    /// <summary>Share of the mean spread of all features in a feature's scale. The rest is its own spread.</summary>
    public const double Shared = 0.5;

    public int FeatureCount => Mean.Length;

    /// <summary>
    /// Mean and scale of the columns of <paramref name="features"/>, in double, from population standard deviations.
    /// </summary>
    /// <exception cref="GraftException">
    /// A feature is not a finite number, or every feature is the same in all rows.
    /// </exception>
    public static Standardisation Of(FeatureMatrix features)
    {
        double[] mean = Means(features);
        double[] scale = new double[features.FeatureCount];
        foreach ((_, ReadOnlyMemory<float> values) in features.Blocks())
        {
            AddSquares(values.Span, mean, scale);
        }

        for (int f = 0; f < scale.Length; f++)
        {
            scale[f] = Math.Sqrt(scale[f] / features.Count);
        }

        if (scale.Max() == 0)
        {
            throw new GraftException(
                "the features cannot be told apart: all images give the same values; "
                    + "use other images, another fit or another body"
            );
        }

        int first = 0;
        foreach (int count in features.Groups)
        {
            Share(new(scale, first, count));
            first += count;
        }

        return new(mean, scale);
    }

    // A group without any spread gets 1, because its centred values are 0.
    private static void Share(ArraySegment<double> scale)
    {
        double meanScale = scale.Average();
        for (int f = 0; f < scale.Count; f++)
        {
            scale[f] = meanScale == 0 ? 1 : ((1 - Shared) * scale[f]) + (Shared * meanScale);
        }
    }

    /// <summary>
    /// The same means, and one scale for all features: the root mean square of their scales. A random layer needs
    /// scaled features, but rare ones must not dominate. Measured on VGG16's 25,088 flattened features: head training
    /// with a scale for each reaches 0.84, with a validation loss of 5 nats (docs/results.md).
    /// </summary>
    public Standardisation WithOneScale()
    {
        double scale = Math.Sqrt(Scale.Average(s => s * s));
        return new(Mean, [.. Enumerable.Repeat(scale, Scale.Length)]);
    }

    /// <summary>
    /// The layer that gives the same logits on raw features as <paramref name="layer"/> on standardised ones.
    /// </summary>
    public LinearLayer Fold(LinearLayer layer)
    {
        double[] weight = new double[layer.Weight.Length];
        double[] bias = (double[])layer.Bias.Clone();
        for (int c = 0; c < layer.ClassCount; c++)
        {
            for (int f = 0; f < layer.FeatureCount; f++)
            {
                int at = (c * layer.FeatureCount) + f;
                weight[at] = layer.Weight[at] / Scale[f];
                bias[c] -= weight[at] * Mean[f];
            }
        }

        return layer with
        {
            Weight = weight,
            Bias = bias,
        };
    }

    private static double[] Means(FeatureMatrix features)
    {
        double[] mean = new double[features.FeatureCount];
        foreach ((int first, ReadOnlyMemory<float> values) in features.Blocks())
        {
            AddValues(values.Span, mean);
            if (!double.IsFinite(mean.Sum()))
            {
                throw new GraftException(NotFinite(values.Span, mean.Length, first));
            }
        }

        for (int f = 0; f < mean.Length; f++)
        {
            mean[f] /= features.Count;
        }

        return mean;
    }

    private static void AddValues(ReadOnlySpan<float> rows, double[] sums)
    {
        for (int n = 0; n < rows.Length; n += sums.Length)
        {
            ReadOnlySpan<float> row = rows.Slice(n, sums.Length);
            for (int f = 0; f < row.Length; f++)
            {
                sums[f] += row[f];
            }
        }
    }

    // a second pass, around the mean, avoids cancellation
    private static void AddSquares(ReadOnlySpan<float> rows, double[] mean, double[] sums)
    {
        for (int n = 0; n < rows.Length; n += sums.Length)
        {
            ReadOnlySpan<float> row = rows.Slice(n, sums.Length);
            for (int f = 0; f < row.Length; f++)
            {
                double distance = row[f] - mean[f];
                sums[f] += distance * distance;
            }
        }
    }

    private static string NotFinite(ReadOnlySpan<float> features, int featureCount, int firstRow)
    {
        int at = 0;
        while (float.IsFinite(features[at]))
        {
            at++; // float sums in double cannot overflow: one value is to blame
        }

        (int image, int feature) = (firstRow + (at / featureCount), at % featureCount);
        return $"the features cannot be used: feature {feature} of image {image} is {features[at]}; "
            + "check the body's weights and input transform";
    }
}
