using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// The second kind of transfer learning: a new head is trained first, with the body frozen; then the body's last layers
/// are trained too, at a small rate.
/// </summary>
/// <param name="tuning">What all trainings share.</param>
/// <param name="chosen">Depth and rate.</param>
/// <param name="steps">The cuts at which the body is unfrozen, the chosen one last. Empty where only the head is
/// trained.</param>
internal sealed class FineTune(FineTuningContext tuning, SelectedSetting chosen, IReadOnlyList<CutPoint> steps)
{
    /// <summary>
    /// Trains on the training images and scores on the validation images, or by cross-validation where these are too
    /// few.
    /// </summary>
    /// <param name="probes">The start of the training, and the candidate to beat.</param>
    /// <param name="cancel">Ends the training early.</param>
    /// <returns>
    /// Null where nothing is to be trained, or where cancellation or the time budget ended it before there was anything
    /// to score.
    /// </returns>
    public ModelCandidate? Run(Probes probes, CancellationToken cancel)
    {
        CandidateTraining training = new(tuning, chosen, steps);
        // a frozen body whose head is the probe's has nothing to train
        if (tuning.Budget.IsSpent || training.PlannedPhases().Count == 0)
        {
            return null;
        }

        return tuning.Validation.Folds is null
            ? new HoldOutFineTuning(tuning, training, probes).Run(cancel)
            : new CrossValidatedFineTuning(tuning, training, probes).Run(cancel);
    }
}
