using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.Phases;

/// <summary>One of TorchSharp's optimisers over groups of parameters, each with a rate of its own that is set every step.</summary>
internal sealed class TailOptimizer : IDisposable
{
    private const double Momentum = 0.9;
    private const double RmsPropSmoothing = 0.9;   // Tieleman and Hinton's, as in Keras; PyTorch's default of 0.99 forgets too slowly for a few hundred steps
    private readonly optim.Optimizer _optimizer;
    private readonly IReadOnlyList<ParameterGroup> _groups;

    public TailOptimizer(OptimizerKind kind, IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        _groups = groups;
        _optimizer = kind switch
        {
            OptimizerKind.Sgd => optim.SGD(groups.Select(g => new SGD.ParamGroup(g.Parameters, 0, Momentum, 0, Decay(g), nesterov: true)), 0, Momentum, nesterov: true),
            OptimizerKind.RmsProp => optim.RMSProp(groups.Select(g => new RMSProp.ParamGroup(g.Parameters, 0, 1e-7, RmsPropSmoothing, Decay(g))), 0),
            OptimizerKind.Adam => optim.Adam(groups.Select(g => new Adam.ParamGroup(g.Parameters, 0, weight_decay: Decay(g))), 0),
            OptimizerKind.AdamW => optim.AdamW(groups.Select(g => new AdamW.ParamGroup(g.Parameters, 0, weight_decay: Decay(g))), 0),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an optimiser"),
        };

        double Decay(ParameterGroup group) => group.IsDecayed ? weightDecay : 0;
    }

    /// <summary>The step size that a phase uses where none is given.</summary>
    public static double DefaultRate(OptimizerKind kind) => kind == OptimizerKind.Sgd ? 0.01 : 0.001;

    /// <summary>One step along the gradients that lie in the parameters, which are then cleared.</summary>
    public void Step(double headRate, double bodyRate)
    {
        foreach ((optim.ILearningRateController group, ParameterGroup rates) in _optimizer.ParamGroups.Zip(_groups))
        {
            group.LearningRate = rates.Factor * (rates.IsHead ? headRate : bodyRate);
        }

        _optimizer.step();
        _optimizer.zero_grad();
    }

    public void Dispose() => _optimizer.Dispose();
}
