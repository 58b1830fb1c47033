using System.Numerics.Tensors;

namespace Graft.Training.Probe;

/// <summary>The result of a cross-validation for one penalty.</summary>
/// <param name="Trial">The row of the table.</param>
/// <param name="Parameters">The solution of each fold. The next penalty starts there.</param>
/// <param name="Losses">Loss of each row in nats, [N]; NaN for rows that were not held out or do not count.</param>
internal sealed record PenaltyScore(ProbeTrial Trial, double[][] Parameters, double[] Losses)
{
    /// <summary>The mean of the folds' solutions, which is close to the solution on all rows.</summary>
    public double[] MeanParameters
    {
        get
        {
            double[] mean = new double[Parameters[0].Length];
            foreach (double[] parameters in Parameters)
            {
                TensorPrimitives.MultiplyAdd<double>(parameters, 1.0 / Parameters.Length, mean, mean);
            }

            return mean;
        }
    }
}
