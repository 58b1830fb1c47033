using Graft.Training.Probe;

namespace Graft.Training.Plans;

/// <summary>Resolves the options of the linear probe.</summary>
internal static class ProbePlans
{
    /// <summary>The plan of a run's probe.</summary>
    public static ProbePlan Of(TrainingOptions options) =>
        new(options.Head.Pooling, options.Seed, NeedsHoldOut: options.TargetAccuracy is not null);
}
