using System.Numerics;

namespace Graft.Training.Metrics;

/// <summary>Rows of probabilities, and what is wrong with those that are not.</summary>
internal static class ProbabilityMatrix
{
    private const float SumTolerance = 1e-3f; // a float16 softmax over a thousand classes stays within it

    public static void Check(int classCount, ReadOnlySpan<int> labels, ReadOnlySpan<float> probabilities)
    {
        CheckLabels(classCount, labels, probabilities.Length);
        for (int n = 0; n < labels.Length; n++)
        {
            double sum = 0;
            foreach (float probability in probabilities.Slice(n * classCount, classCount))
            {
                if (!(probability >= 0 && probability <= 1 + SumTolerance))
                {
                    throw new ArgumentException(
                        $"row {n} holds {probability}, which is not a probability; give the softmax's output",
                        nameof(probabilities)
                    );
                }

                sum += probability;
            }

            if (!(Math.Abs(sum - 1) <= SumTolerance))
            {
                throw new ArgumentException(
                    $"row {n} sums to {sum:G6}, not 1; give the softmax's output",
                    nameof(probabilities)
                );
            }
        }
    }

    /// <summary>One value a class for every label, every label a class.</summary>
    public static void CheckLabels(int classCount, ReadOnlySpan<int> labels, int valueCount)
    {
        if (labels.IsEmpty || classCount == 0)
        {
            throw new ArgumentException("there are no images to evaluate; give at least one", nameof(labels));
        }

        if ((long)labels.Length * classCount != valueCount)
        {
            throw new ArgumentException(
                $"{valueCount} values are not {labels.Length} rows of {classCount}",
                nameof(labels)
            );
        }

        foreach (int label in labels)
        {
            if (label < 0 || label >= classCount)
            {
                throw new ArgumentException($"label {label} is not one of the {classCount} classes", nameof(labels));
            }
        }
    }

    /// <summary>
    /// The first of the largest. A loop of its own: TensorPrimitives.IndexOfMax (System.Numerics.Tensors 9.0.19 on .NET
    /// 10) gave one and the same index for
    /// every row of three, whatever it held, in a few test processes of a hundred (docs/torchsharp.md).
    /// </summary>
    public static int IndexOfLargest<T>(ReadOnlySpan<T> row)
        where T : INumber<T>
    {
        int largest = 0;
        for (int c = 1; c < row.Length; c++)
        {
            largest = row[c] > row[largest] ? c : largest;
        }

        return largest;
    }
}
