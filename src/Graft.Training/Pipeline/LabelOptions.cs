using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training.Pipeline;

/// <summary>Options that fit one of the two tasks only, where the data decide the task.</summary>
internal static class LabelOptions
{
    /// <summary>Refuses options that have no effect on the images.</summary>
    /// <exception cref="GraftException">There is one; the exception names it.</exception>
    public static void Check(TrainingOptions options, TrainingData data)
    {
        bool areSets = data.Task == ClassificationTask.MultiLabel;
        if (areSets && options.FineTune.CoTuning is not null)
        {
            throw Problem(
                data,
                "its images may have several labels, and co-tuning needs exactly one; leave co-tuning out",
                $"{nameof(TrainingOptions.FineTune)}.{nameof(FineTuneOptions.CoTuning)}"
            );
        }

        if (!areSets && options.FineTune.Loss is not (null or LabelLoss.CrossEntropy))
        {
            throw Problem(
                data,
                "each of its images has one label, and the loss is for several; leave the loss out",
                $"{nameof(TrainingOptions.FineTune)}.{nameof(FineTuneOptions.Loss)}"
            );
        }

        if (!areSets && options.Threshold is not null)
        {
            throw Problem(
                data,
                "each of its images has one label, and a threshold is for several; leave the threshold out",
                nameof(TrainingOptions.Threshold)
            );
        }
    }

    private static GraftException Problem(TrainingData data, string reason, string option) =>
        new($"'{Printable.Text(data.Set.Source)}' cannot be used: {reason}") { Option = option };
}
