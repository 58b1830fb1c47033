namespace Graft.Training.FineTuning;

/// <summary>
/// Linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017, section 3, without restarts).
/// </summary>
/// <param name="Peak">Largest rate.</param>
/// <param name="WarmUpSteps">Steps in which the rate rises.</param>
/// <param name="TotalSteps">Steps until the rate is zero.</param>
internal sealed record LearningRate(double Peak, int WarmUpSteps, int TotalSteps)
{
    /// <summary>Rate of <paramref name="step"/>, counted from 0. Zero from <see cref="TotalSteps"/> on.</summary>
    public double At(int step)
    {
        if (step < WarmUpSteps)
        {
            return Peak * (step + 1) / WarmUpSteps;
        }

        double done = Math.Min(1, (double)(step - WarmUpSteps) / Math.Max(1, TotalSteps - WarmUpSteps));
        return Peak * 0.5 * (1 + Math.Cos(Math.PI * done));
    }
} // new LearningRate(1e-3, 10, 110): At(0) = 0.0001, At(9) = At(10) = 0.001, At(60) = 0.0005, At(110) = 0
