using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.Metrics;

public sealed class ProbabilityMatrixTests
{
    // enough calls for the runtime to compile the loop anew with what it has learnt of it
    private const int Rows = 300_000;

    [Fact]
    public void The_largest_value_is_found_in_rows_of_every_length()
    {
        CountedRandom random = new(1, RandomPurpose.Folds);
        double[] wide = new double[20];
        float[] narrow = new float[20];
        for (uint n = 0; n < Rows; n++)
        {
            int length = 1 + (int)(n % 20);
            int largest = random.Below(length, n);
            for (int i = 0; i < length; i++)
            {
                wide[i] = i == largest ? 0.5 : -1 - i;
                narrow[i] = (float)wide[i];
            }

            Assert.Equal(
                (largest, largest),
                (
                    ProbabilityMatrix.IndexOfLargest<double>(wide.AsSpan(0, length)),
                    ProbabilityMatrix.IndexOfLargest<float>(narrow.AsSpan(0, length))
                )
            );
        }
    }

    [Fact]
    public void The_first_of_equal_values_counts() =>
        Assert.Equal(1, ProbabilityMatrix.IndexOfLargest<float>([0, 2, 2]));
}
