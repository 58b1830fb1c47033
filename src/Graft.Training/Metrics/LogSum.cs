using System.Numerics.Tensors;

namespace Graft.Training.Metrics;

/// <summary>
/// Logarithm of the sum of the exponentials. The log-loss is this minus the logit of the right class.
/// </summary>
internal static class LogSum
{
    public static double Of(ReadOnlySpan<double> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (double logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return largest + Math.Log(sum);
    }
}
