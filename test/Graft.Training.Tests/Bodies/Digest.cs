using System.Text.Json;

namespace Graft.Training.Tests.Bodies;

/// <summary>A digest of golden/README.md: for each image the first 12 values, the mean and the population standard deviation.</summary>
internal sealed record Digest(int[] Shape, double[][] First, double[] Mean, double[] Std)
{
    private static readonly JsonSerializerOptions s_names = new() { PropertyNameCaseInsensitive = true };

    public static Digest Read(JsonElement json) => json.Deserialize<Digest>(s_names)!;

    /// <summary>Compares; a value may be off by <paramref name="relative"/> of itself plus the same part of the tensor's spread.</summary>
    public void AssertMatches(float[] values, double relative, string what)
    {
        int each = Shape[1..].Aggregate(1, (product, d) => product * d);
        Assert.Equal(Shape[0] * each, values.Length);
        for (int i = 0; i < Shape[0]; i++)
        {
            ReadOnlySpan<float> row = values.AsSpan(i * each, each);
            double absolute = relative * Std[i];
            double mean = 0;
            foreach (float value in row)
            {
                mean += (double)value / each;
            }

            double variance = 0;
            foreach (float value in row)
            {
                variance += (value - mean) * (value - mean) / each;
            }

            AssertNear(Mean[i], mean, relative, absolute, $"{what}: mean of image {i}");
            AssertNear(Std[i], Math.Sqrt(variance), relative, absolute, $"{what}: deviation of image {i}");
            for (int j = 0; j < First[i].Length; j++)
            {
                AssertNear(First[i][j], row[j], relative, absolute, $"{what}: value {j} of image {i}");
            }
        }
    }

    private static void AssertNear(double expected, double actual, double relative, double absolute, string what) =>
        Assert.True(Math.Abs(expected - actual) <= absolute + (relative * Math.Abs(expected)), $"{what} is {actual:R}, not {expected:R}");
}
