using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>How one parameter moves along its gradient, and what is remembered of earlier gradients.</summary>
internal abstract class OptimizerRule : IDisposable
{
    private readonly List<Tensor> _moments = [];

    /// <summary>What the rule remembers, each tensor of the parameter's shape. Empty before the first step.</summary>
    public IReadOnlyList<Tensor> Moments => _moments;

    /// <summary>Number of steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Continues from the state of another rule of the same kind.</summary>
    /// <param name="parameter">The parameter that the rule moves.</param>
    /// <param name="moments">The state. It is copied into memory laid out as the parameter's, because the order of the
    /// elements decides the last bit of what is computed from them.</param>
    /// <param name="steps">Number of steps taken.</param>
    public void Restore(Tensor parameter, IReadOnlyList<Tensor> moments, int steps)
    {
        foreach (Tensor moment in moments)
        {
            Remember(zeros_like(parameter)).copy_(moment);
        }

        Steps = steps;
    }

    /// <summary>Moves the parameter and counts the step.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Gradient of the loss, of the parameter's shape.</param>
    /// <param name="rate">Step size.</param>
    /// <param name="decay">Weight decay.</param>
    public void Step(Tensor parameter, Tensor gradient, double rate, double decay)
    {
        Steps++;
        Move(parameter, gradient, rate, decay);
    }

    public void Dispose() => _moments.ForEach(moment => moment.Dispose());

    /// <summary>Moves the parameter. The caller switches gradients off and disposes the temporary tensors.</summary>
    protected abstract void Move(Tensor parameter, Tensor gradient, double rate, double decay);

    /// <summary>Holds the tensor until the rule is disposed.</summary>
    protected Tensor Remember(Tensor moment)
    {
        _moments.Add(moment.DetachFromDisposeScope());
        return moment;
    }

    /// <summary>Gradient of the loss and of the penalty decay/2 |parameter|^2.</summary>
    protected static Tensor Penalised(Tensor gradient, Tensor parameter, double decay) =>
        decay == 0 ? gradient : gradient.add(parameter, Held(decay));
}
