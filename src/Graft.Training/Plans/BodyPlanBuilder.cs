using Graft.Training.Bodies;

namespace Graft.Training;

/// <summary>Builds the <see cref="BodyPlan"/> of a training from its options.</summary>
internal static class BodyPlanBuilder
{
    /// <summary>The part of <paramref name="options"/> that says which body to load.</summary>
    public static BodyPlan ToBodyPlan(this TrainingOptions options) =>
        BodyPlan.Of(options.Body, options.Limits) with
        {
            TrainedPart = options.FineTune.Train?.Edge,
            ContinueFrom = options.ContinueFrom,
            KeepsPretrainedHead = options.FineTune.CoTuning is not null,
        };
}
