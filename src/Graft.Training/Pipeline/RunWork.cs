using Graft.Training.Data;
using Graft.Training.FineTuning;
using Graft.Training.Plans;

namespace Graft.Training.Pipeline;

/// <summary>The work of a run's parts, in multiply-adds.</summary>
/// <param name="Plain">The frozen part on the plain views.</param>
/// <param name="Random">The frozen part on the random views.</param>
/// <param name="Search">The search for depth and rate, at most.</param>
/// <param name="FineTuning">Fine-tuning that is scored.</param>
/// <param name="Last">The training on all images that may follow.</param>
/// <param name="Test">The exported network on the test images.</param>
internal sealed record RunWork(double Plain, double Random, double Search, double FineTuning, double Last, double Test)
{
    private const double ForwardAndBackward = 3;
    private const double UsualShare = 0.8; // of the epochs; early stopping saves the others
    private const double UsualSearch = 0.4; // of the most that a search may cost

    /// <summary>The work of a run.</summary>
    /// <param name="options">The options, with the number of views.</param>
    /// <param name="preparation">The body and the images.</param>
    /// <param name="depth">How deep the body is trained.</param>
    public static RunWork Of(TrainingOptions options, TrainingPreparation preparation, DepthPlan depth)
    {
        double body = preparation.Cuts[^1].MultiplyAddsBefore;
        int training = preparation.Data.Train.Count;
        int all = preparation.Data.Everything.Count;
        int viewed = preparation.Data.HasOwnValidation ? training : all;
        double tuning = 0;
        double last = 0;
        if (FineTuningPlanBuilder.IsNeeded(options) && depth.Usual is Setting setting)
        {
            double epochs = UsualShare * FineTuningPlanBuilder.EpochsOf(options.FineTune, training);
            double imageCost = ForwardAndBackward * setting.Cut.MultiplyAddsAfter;
            tuning = epochs * training * imageCost;
            last = LastEpochs(options, preparation.Data, epochs) * all * imageCost;
        }

        return new(
            all * body,
            (double)viewed * (options.Views ?? 0) * body,
            UsualSearch * (depth.Search?.Work ?? 0),
            tuning,
            last,
            preparation.Data.Test.Count * body
        );
    }

    // Epochs of the last training on all images, which follows unless the data have a validation part.
    private static double LastEpochs(TrainingOptions options, TrainingData data, double epochs) =>
        data.HasOwnValidation ? 0
        : options.Effort == Effort.Best ? epochs
        : Math.Min(Continuation.MostEpochs, epochs);
}
