using System.Runtime.CompilerServices;

namespace Graft.Training.Bodies;

/// <summary>A fully connected layer: logits = Weight x features + Bias.</summary>
/// <param name="ClassCount">Number of outputs C.</param>
/// <param name="FeatureCount">Number of inputs F.</param>
/// <param name="Weight">Weights [C,F], one row per output.</param>
/// <param name="Bias">Biases [C].</param>
internal sealed record LinearLayer(int ClassCount, int FeatureCount, double[] Weight, double[] Bias)
{
    /// <summary>Computes the outputs [N,C] for <paramref name="features"/> [N,F]; both are row-major.</summary>
    public double[] Logits(ReadOnlySpan<float> features)
    {
        int rowCount = features.Length / FeatureCount;
        double[] logits = new double[rowCount * ClassCount];
        for (int n = 0; n < rowCount; n++)
        {
            ReadOnlySpan<float> row = features.Slice(n * FeatureCount, FeatureCount);
            for (int c = 0; c < ClassCount; c++)
            {
                logits[(n * ClassCount) + c] = Bias[c] + Dot(row, Weight.AsSpan(c * FeatureCount, FeatureCount));
            }
        }

        return logits;
    }

    // A short-lived process calls this millions of times, too briefly for tiered compilation to optimise it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(ReadOnlySpan<float> row, ReadOnlySpan<double> weight)
    {
        double sum = 0;
        for (int f = 0; f < row.Length; f++)
        {
            sum += row[f] * weight[f];
        }

        return sum;
    }
}
