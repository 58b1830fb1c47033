using System.Runtime.CompilerServices;

namespace Graft.Training.Bodies;

/// <summary>A fully connected layer: logits = Weight x features + Bias.</summary>
/// <param name="ClassCount">C, two or more.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="Weight">[C,F], row by row.</param>
/// <param name="Bias">[C].</param>
internal sealed record LinearLayer(int ClassCount, int FeatureCount, double[] Weight, double[] Bias)
{
    /// <summary>The logits [N,C], row by row, of <paramref name="features"/> [N,F].</summary>
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

    // millions of products in a process that may live for two seconds
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
