using System.Numerics.Tensors;

namespace Graft.Training.Probe;

/// <summary>What cross-validation keeps of one penalty.</summary>
/// <param name="Trial">Its row in the table.</param>
/// <param name="Parameters">Each fold's solution: where the next penalty starts.</param>
/// <param name="Losses">[N] in nats; NaN for rows that were not held out or do not count.</param>
internal sealed record PenaltyScore(ProbeTrial Trial, double[][] Parameters, double[] Losses)
{
    /// <summary>The mean of the folds' solutions: close to the solution on all rows.</summary>
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
