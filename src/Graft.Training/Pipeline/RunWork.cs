using Graft.Training.Data;
using Graft.Training.FineTuning;
using Graft.Training.Plans;

namespace Graft.Training.Pipeline;

/// <summary>The work of a run's parts, in multiply-adds.</summary>
/// <param name="Plain">The frozen part on the plain views.</param>
/// <param name="Random">The frozen part on the random views.</param>
/// <param name="Search">The search for depth and rate, at most.</param>
/// <param name="FineTuning">Fine-tuning, and the training on all images that may follow.</param>
/// <param name="Test">The exported network on the test images.</param>
internal sealed record RunWork(double Plain, double Random, double Search, double FineTuning, double Test)
{
    private const double ForwardAndBackward = 3;
    private const double UsualShare = 0.8; // of the epochs; early stopping saves the others

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
        if (FineTuningPlanBuilder.IsNeeded(options) && depth.Usual is Setting setting)
        {
            double epochs = UsualShare * FineTuningPlanBuilder.EpochsOf(options.FineTune, training);
            double last = LastEpochs(options, preparation.Data, epochs) * all;
            tuning = ForwardAndBackward * ((epochs * training) + last) * setting.Cut.MultiplyAddsAfter;
        }

        return new(
            all * body,
            (double)viewed * (options.Views ?? 0) * body,
            depth.Search?.Work ?? 0,
            tuning,
            preparation.Data.Test.Count * body
        );
    }

    // Epochs of the last training on all images, which follows unless the data have a validation part.
    private static double LastEpochs(TrainingOptions options, TrainingData data, double epochs) =>
        data.HasOwnValidation ? 0
        : options.Effort == Effort.Best ? epochs
        : Math.Min(Continuation.MostEpochs, epochs);
}
