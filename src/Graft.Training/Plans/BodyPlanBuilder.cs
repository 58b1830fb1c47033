using Graft.Training.Bodies;

namespace Graft.Training;

/// <summary>Builds the <see cref="BodyPlan"/> of a training from its options.</summary>
internal static class BodyPlanBuilder
{
    /// <summary>The part of <paramref name="options"/> that says which body to load.</summary>
    public static BodyPlan ToBodyPlan(this TrainingOptions options) =>
        new()
        {
            Body = options.Body.Text,
            IsFile = options.Body.File is not null,
            Weights = options.Body.Weights,
            InputSize = options.Body.InputSize,
            FeatureEdge = options.Body.FeatureEdge,
            InputTransform = options.Body.InputTransform,
            Fit = options.Body.Fit,
            ContinueFrom = options.ContinueFrom,
            Limits = options.Limits,
            KeepsPretrainedHead = options.FineTune.CoTuning is not null,
        };
}
