using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// The tensors of a phase: the trained parameters, a copy of the best ones, their running average (EMA), and what the
/// optimiser remembers. Owns all of them but the parameters.
/// </summary>
internal sealed class TrainedWeights : IDisposable
{
    private readonly EpochLoopPlan _plan;
    private readonly IReadOnlyList<ParameterGroup> _groups;

    /// <param name="plan">Settings of the phase.</param>
    /// <param name="groups">The parameters, in groups that share a rate.</param>
    public TrainedWeights(EpochLoopPlan plan, IReadOnlyList<ParameterGroup> groups)
    {
        (_plan, _groups) = (plan, groups);
        Parameters = [.. groups.SelectMany(group => group.Parameters)];
        Best = new(Parameters);
        Ema = new(Parameters);
        Optimizer = new(plan.Optimizer, groups, plan.WeightDecay);
    }

    /// <summary>The trained parameters, group by group.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>The weights of the best epoch so far; at first those at the start.</summary>
    public WeightCopy Best { get; }

    /// <summary>The running average of the weights.</summary>
    public WeightCopy Ema { get; }

    /// <summary>The current optimiser.</summary>
    public TailOptimizer Optimizer { get; private set; }

    /// <summary>Takes one step along the gradients that lie in the parameters, and updates the EMA.</summary>
    /// <param name="headRate">Step size of the head.</param>
    /// <param name="bodyRate">Step size of the body's last layers.</param>
    /// <param name="step">Number of the step, counted from 0 over the whole phase.</param>
    public void Step(double headRate, double bodyRate, int step)
    {
        Optimizer.Step(headRate, bodyRate);
        if (_plan.EmaDecay > 0)
        {
            Ema.UpdateEma(Parameters, _plan.EmaDecay, step);
        }
    }

    /// <summary>
    /// Returns to the best weights so far, with a new optimiser: the moments of the old one may not be finite.
    /// </summary>
    public void RestartFromBest(OptimizerKind optimizer)
    {
        Best.CopyTo(Parameters);
        Ema.CopyFrom(Parameters);
        ReplaceOptimizer(optimizer);
    }

    /// <summary>Replaces the optimiser by one that has seen no gradient.</summary>
    public void ReplaceOptimizer(OptimizerKind optimizer)
    {
        Optimizer.Dispose();
        Optimizer = new(optimizer, _groups, _plan.WeightDecay);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Best.Dispose();
        Ema.Dispose();
    }
}
