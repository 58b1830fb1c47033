using Graft.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// An optimiser over groups of parameters, each with a rate of its own that is set every step. PyTorch's four rules,
/// operation by operation; TorchSharp's own
/// optimisers pass numbers to libtorch unsafely (<see cref="HeldScalar"/>).
/// </summary>
internal sealed class TailOptimizer : IDisposable
{
    private const double UsualFeatures = 1024;
    private readonly IReadOnlyList<(ParameterGroup Rates, double Decay, OptimizerRule[] Rules)> _groups;

    /// <param name="weightDecay">Of the groups that are decayed.</param>
    public TailOptimizer(OptimizerKind kind, IReadOnlyList<ParameterGroup> groups, double weightDecay)
    {
        _groups =
        [
            .. groups.Select(g => (g, g.IsDecayed ? weightDecay : 0, g.Parameters.Select(_ => RuleOf(kind)).ToArray())),
        ];
    }

    /// <summary>
    /// The step size of a new head where none is given: the usual one up to 1,024 features, less in proportion beyond.
    /// A step of an adaptive optimiser moves
    /// every weight by the rate and so a unit by up to rate times features; at 0.001 on VGG16's 25,088 the first epochs
    /// leave logits in the tens, from which
    /// fine-tuning tears the body (docs/results.md). SGD's largest stable step falls with the squared length of the
    /// features in the same way.
    /// </summary>
    public static double DefaultRate(OptimizerKind kind, int featureCount) =>
        (kind == OptimizerKind.Sgd ? 0.01 : 0.001) * Math.Min(1, UsualFeatures / featureCount);

    /// <summary>Of all parameters, group by group.</summary>
    public IEnumerable<(Parameter Parameter, OptimizerRule Rule)> Rules =>
        _groups.SelectMany(g => g.Rates.Parameters.Zip(g.Rules));

    /// <summary>One step along the gradients that lie in the parameters, which are then cleared.</summary>
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
