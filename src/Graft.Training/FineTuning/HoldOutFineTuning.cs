using Graft.Onnx;
using Graft.Training.Data;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// Fine-tuning that is scored on the validation images. If they were drawn from the training images and the result
/// beats the probe, a last training uses all images. It continues from the scored weights for some epochs, or begins
/// anew for as many epochs as were best.
/// </summary>
internal sealed class HoldOutFineTuning(FineTuningContext tuning, CandidateTraining training, Probes probes)
{
    private readonly TrainingData _data = tuning.Data;

    public ModelCandidate Run(CancellationToken cancel)
    {
        ProbeCandidate probe = probes.Plain;
        OnnxModel network = training.StartFrom(probe.TrainingFit);
        double budgetShare = _data.HasOwnValidation
            ? 1
            : _data.Train.Count / (double)(_data.Train.Count + _data.Everything.Count);
        PhasesResult trained = training.Phases.Run(
            network,
            training.PlannedPhases(),
            _data.Train,
            _data.Validation,
            cancel,
            budgetShare
        );
        ModelCandidate tuned = training.Candidate(network, trained.Logits, trained.Last.Reason);
        training.SuggestSimplerHead(tuned, probes.Best);
        ModelCandidate best = Interpolate(tuned, probe);
        if (!best.IsWorthMoreThan(probes.Best) || cancel.IsCancellationRequested)
        {
            return best;
        }

        best = best with { HeldOutDistances = training.NoveltyDistances(best.Network, _data.Train, _data.Validation) };
        return _data.HasOwnValidation || cancel.IsCancellationRequested
            ? best
            : TrainOnAll(best, tuned, trained.Plans, cancel);
    }

    private ModelCandidate Interpolate(ModelCandidate tuned, ProbeCandidate probe)
    {
        OnnxModel start = training.WithProbe(probe.TrainingFit);
        return training.Interpolated.Best(tuned, probe, (share, temperatures) =>
        {
            (OnnxModel mixed, float[] logits) = training.Interpolated.Interpolate(
                share,
                start,
                tuned.Network,
                temperatures,
                _data.Validation
            );
            return training.WithLogits(tuned, logits) with { Network = mixed };
        });
    }

    private ModelCandidate TrainOnAll(
        ModelCandidate best,
        ModelCandidate tuned,
        IReadOnlyList<EpochLoopPlan> plans,
        CancellationToken cancel
    )
    {
        bool continues = !tuning.Plan.TrainsAnew && plans[^1].Cut is not null;
        string how = continues ? "it goes on for some epochs" : "once more from the start,";
        tuning.Progress.Report(
            new Notice(
                $"Fine-tuning is better than the probe ({best.Summary}): "
                    + $"{how} with the validation images as training images."
            )
        );
        OnnxModel all = continues ? tuned.Network.Clone() : training.StartFrom(probes.Plain.FinalFit);
        IReadOnlyList<EpochLoopPlan> phases = continues ? [Continuation.Of(plans[^1])] : plans;
        bool isOutOfTime = training.Phases.Run(all, phases, _data.Everything, [], cancel).Last.IsOutOfTime;
        if (isOutOfTime)
        {
            tuning.Progress.Report(
                new Notice(
                    $"The last training did not finish, because {tuning.Budget.Reason}. "
                        + "The model of the training images alone is shipped."
                )
            );
        }

        return cancel.IsCancellationRequested || isOutOfTime
            ? best
            : best with
            {
                Network = training.Interpolated.AtShare(best.Share, probes.Plain, tuned, all),
            };
    }
}
