using System.Numerics.Tensors;

namespace Graft.Training.Metrics;

/// <summary>
/// A temperature that makes probabilities honest: softmax(logits / T) (Guo et al., On Calibration of Modern Neural
/// Networks, ICML 2017, section 4.2).
/// Never changes which class is the most probable.
/// </summary>
/// <param name="Value">T, 0.1 to 10; above 1 the logits were too sure.</param>
/// <param name="LossBefore">Mean log-loss at T = 1, in nats.</param>
/// <param name="LossAfter">Mean log-loss at T, in nats.</param>
internal sealed record Temperature(double Value, double LossBefore, double LossAfter)
{
    public const double Least = 0.1;
    public const double Most = 10;

    private const double Precision = 1e-6; // of ln T
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>
    /// The T that the images make most likely, with ln T drawn from the standard normal distribution beforehand: a
    /// hundred images outweigh that by far, and
    /// a few that are all recognised do not make T as small as it can be.
    /// </summary>
    /// <param name="logits">[N,C], row by row, of images that did not train the network.</param>
    /// <param name="labels">[N].</param>
    /// <param name="classCount">C.</param>
    /// <exception cref="ArgumentException">No images, a label out of range, a logit that is not finite.</exception>
    public static Temperature Fit(ReadOnlySpan<double> logits, ReadOnlySpan<int> labels, int classCount)
    {
        ProbabilityMatrix.CheckLabels(classCount, labels, logits.Length);
        foreach (double logit in logits)
        {
            if (!double.IsFinite(logit))
            {
                throw new ArgumentException($"a logit is {logit}; a temperature needs finite logits", nameof(logits));
            }
        }

        // Golden-section search. The loss is convex in 1/T, so it has one valley in ln T.
        (double low, double high) = (Math.Log(Least), Math.Log(Most));
        double left = high - (Golden * (high - low));
        double right = low + (Golden * (high - low));
        double leftLoss = Penalised(logits, labels, classCount, left);
        double rightLoss = Penalised(logits, labels, classCount, right);
        while (high - low > Precision)
        {
            if (leftLoss < rightLoss)
            {
                (high, right, rightLoss) = (right, left, leftLoss);
                left = high - (Golden * (high - low));
                leftLoss = Penalised(logits, labels, classCount, left);
            }
            else
            {
                (low, left, leftLoss) = (left, right, rightLoss);
                right = low + (Golden * (high - low));
                rightLoss = Penalised(logits, labels, classCount, right);
            }
        }

        double value = Math.Exp((low + high) / 2);
        return new(value, MeanLoss(logits, labels, classCount, 1), MeanLoss(logits, labels, classCount, value));
    }

    /// <summary>softmax(logits / T), computed in double precision.</summary>
    /// <param name="logits">[N,C], row by row; minus infinity stands for a probability of 0.</param>
    /// <returns>[N,C]</returns>
    public static float[] Probabilities(ReadOnlySpan<double> logits, int classCount, double temperature)
    {
        float[] probabilities = new float[logits.Length];
        for (int start = 0; start < logits.Length; start += classCount)
        {
            ReadOnlySpan<double> row = logits.Slice(start, classCount);
            double largest = TensorPrimitives.Max(row);
            double sum = 0;
            foreach (double logit in row)
            {
                sum += Math.Exp((logit - largest) / temperature);
            }

            for (int c = 0; c < classCount; c++)
            {
                probabilities[start + c] = (float)(Math.Exp((row[c] - largest) / temperature) / sum);
            }
        }

        return probabilities;
    }

    /// <summary>
    /// What probabilities were before a temperature: softmax(T ln p), since ln p is the logits over T but for a
    /// constant of the row. A probability that float32
    /// has rounded to 0 (below e^-87) stays 0.
    /// </summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <returns>[N,C]</returns>
    public static float[] Undo(ReadOnlySpan<float> probabilities, int classCount, double temperature)
    {
        double[] logits = new double[probabilities.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = Math.Log(probabilities[i]);
        }

        return Probabilities(logits, classCount, 1 / temperature);
    }

    private static double Penalised(
        ReadOnlySpan<double> logits,
        ReadOnlySpan<int> labels,
        int classCount,
        double logarithm
    ) => (MeanLoss(logits, labels, classCount, Math.Exp(logarithm)) * labels.Length) + (logarithm * logarithm / 2);

    private static double MeanLoss(
        ReadOnlySpan<double> logits,
        ReadOnlySpan<int> labels,
        int classCount,
        double temperature
    )
    {
        double loss = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<double> row = logits.Slice(n * classCount, classCount);
            double largest = double.NegativeInfinity;
            foreach (double logit in row)
            {
                largest = Math.Max(largest, logit);
            }

            double sum = 0;
            foreach (double logit in row)
            {
                sum += Math.Exp((logit - largest) / temperature);
            }

            loss += Math.Log(sum) - ((row[labels[n]] - largest) / temperature);
        }

        return loss / labels.Length;
    }
}
