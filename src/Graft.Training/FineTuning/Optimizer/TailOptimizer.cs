using Graft.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// An optimiser over groups of parameters. Each group has its own rate, which is set at every step. The four rules
/// repeat PyTorch's operation by operation; TorchSharp's own optimisers pass numbers to libtorch unsafely
/// (<see cref="SafeScalar"/>).
/// </summary>
internal sealed class TailOptimizer : IDisposable
{
    private const double UsualFeatures = 1024;
    private readonly IReadOnlyList<(ParameterGroup Rates, double Decay, OptimizerRule[] Rules)> _groups;

    /// <param name="kind">The rule by which parameters move.</param>
    /// <param name="groups">The parameters.</param>
    /// <param name="weightDecay">Weight decay of the groups that have one.</param>
    public TailOptimizer(OptimizerKind kind, IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        _groups =
        [
            .. groups.Select(g => (g, g.IsDecayed ? weightDecay : 0, g.Parameters.Select(_ => RuleOf(kind)).ToArray())),
        ];
    }

    /// <summary>
    /// Default step size of a new head: the usual one up to 1,024 features, and less in proportion beyond.
    /// </summary>
    /// <remarks>
    /// A step of an adaptive optimiser moves every weight by the rate, and so a unit by up to rate times features. At
    /// 0.001 on VGG16's 25,088 features the first epochs leave logits in the tens, from which fine-tuning tears the
    /// body (docs/results.md). SGD's largest stable step falls with the squared length of the features in the same way.
    /// </remarks>
    /// <param name="kind">The optimiser.</param>
    /// <param name="featureCount">Number of features that the head sees.</param>
    public static double DefaultRate(OptimizerKind kind, int featureCount) =>
        (kind == OptimizerKind.Sgd ? 0.01 : 0.001) * Math.Min(1, UsualFeatures / featureCount);

    /// <summary>All parameters with their rules, group by group.</summary>
    public IEnumerable<(Parameter Parameter, OptimizerRule Rule)> Rules =>
        _groups.SelectMany(g => g.Rates.Parameters.Zip(g.Rules));

    /// <summary>Takes one step along the gradients that lie in the parameters, and clears them.</summary>
    public void Step(double headRate, double bodyRate)
    {
        using IDisposable noGradient = no_grad();
        foreach ((ParameterGroup rates, double decay, OptimizerRule[] rules) in _groups)
        {
            double rate = rates.Factor * (rates.IsHead ? headRate : bodyRate);
            foreach ((Parameter parameter, OptimizerRule rule) in rates.Parameters.Zip(rules))
            {
                using DisposeScope scope = NewDisposeScope();
                if (parameter.grad is { } gradient)
                {
                    rule.Step(parameter, gradient, rate, decay);
                    gradient.zero_();
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (OptimizerRule rule in _groups.SelectMany(g => g.Rules))
        {
            rule.Dispose();
        }
    }

    private static OptimizerRule RuleOf(OptimizerKind kind) =>
        kind switch
        {
            OptimizerKind.Sgd => new SgdRule(),
            OptimizerKind.RmsProp => new RmsPropRule(),
            OptimizerKind.Adam => new AdamRule(isDecoupled: false),
            OptimizerKind.AdamW => new AdamRule(isDecoupled: true),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an optimiser"),
        };
}
