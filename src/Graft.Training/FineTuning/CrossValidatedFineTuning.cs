using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// Fine-tuning that is scored by cross-validation. If it beats the probe, a last training uses all images. No epoch is
/// chosen by the held-out fold, which would flatter fine-tuning: each fold ends as the last training will.
/// </summary>
internal sealed class CrossValidatedFineTuning(FineTuningContext tuning, CandidateTraining training, Probes probes)
{
    private readonly ValidationScheme _scheme = tuning.Validation;
    private readonly ProbeCandidate _probe = probes.Plain;

    /// <returns>Null where cancellation or the time budget ended it.</returns>
    public ModelCandidate? Run(CancellationToken cancel)
    {
        if (TrainFolds(cancel) is not (List<EpochLoopPlan> plans, List<OnnxModel> networks, List<float[]> logits))
        {
            return null;
        }

        OnnxModel all = training.StartFrom(_probe.FinalFit);
        float[] joined = _scheme.Join(logits, tuning.Data.ClassCount);
        ModelCandidate tuned = training.Candidate(all, joined, $"{plans[^1].Epochs} epochs are done") with
        {
            IsOutOfFold = true,
        };
        training.SuggestSimplerHead(tuned, probes.Best);
        List<OnnxModel> starts = training.Interpolated.IsPossible ? ProbesOfFolds(cancel) : [];
        ModelCandidate best = Interpolate(tuned, networks, starts);
        if (!best.IsWorthMoreThan(probes.Best))
        {
            return cancel.IsCancellationRequested ? null : best;
        }

        tuning.Progress.Report(
            new Notice($"Fine-tuning is better than the probe ({best.Summary}): once more on all images.")
        );
        best = best with { HeldOutDistances = NoveltyDistances(best.Share, tuned, networks, starts) };
        bool isOutOfTime = training.Phases.Run(all, plans, _scheme.All, [], cancel).Last.IsOutOfTime;
        return isOutOfTime || cancel.IsCancellationRequested
            ? null
            : best with
            {
                Network = training.Interpolated.AtShare(best.Share, _probe, tuned, all),
            };
    }

    private (List<EpochLoopPlan> Plans, List<OnnxModel> Networks, List<float[]> Logits)? TrainFolds(
        CancellationToken cancel
    )
    {
        List<EpochLoopPlan> plans =
        [
            .. training.PlannedPhases().Select(plan => plan with { StopAfter = plan.Epochs, ValidatesEpochs = false }),
        ];
        List<float[]> logits = [];
        List<OnnxModel> networks = [];
        for (int fold = 0; fold < _scheme.FoldCount; fold++)
        {
            OnnxModel network = training.StartFrom(_probe.FinalFit);
            (IReadOnlyList<LabelledImage> images, IReadOnlyList<LabelledImage> heldOut) = _scheme.PartsOf(fold);
            // the rest of the budget is for the folds to come and the last training
            double share = images.Count / (double)(((_scheme.FoldCount - fold) * images.Count) + _scheme.All.Count);
            PhasesResult trained = training.Phases.Run(network, plans, images, heldOut, cancel, share);
            if (cancel.IsCancellationRequested || trained.Last.IsOutOfTime)
            {
                return null;
            }

            logits.Add(trained.Logits);
            networks.Add(network);
            plans = [.. plans.Zip(trained.Plans, LikeFold)];
        }

        return (plans, networks, logits);
    }

    // The next folds need not find out again which optimiser learns, and how many epochs fit.
    private static EpochLoopPlan LikeFold(EpochLoopPlan plan, EpochLoopPlan found) =>
        plan with
        {
            Epochs = found.Epochs,
            StopAfter = found.Epochs,
            Optimizer = found.Optimizer,
            HeadRate = found.HeadRate,
        };

    private List<OnnxModel> ProbesOfFolds(CancellationToken cancel)
    {
        List<OnnxModel> starts = [];
        for (int fold = 0; fold < _scheme.FoldCount; fold++)
        {
            IReadOnlyList<LabelledImage> images = _scheme.PartsOf(fold).Training;
            ProbeResult probe = ProbeFits.Refit(_probe.FinalFit, tuning.Extraction, tuning.Data, images, cancel);
            starts.Add(training.WithProbe(probe));
        }

        return starts;
    }

    private ModelCandidate Interpolate(ModelCandidate tuned, List<OnnxModel> networks, List<OnnxModel> starts) =>
        training.Interpolated.Best(tuned, _probe, (share, temperatures) =>
        {
            IEnumerable<float[]> logits = networks.Select(
                (network, fold) =>
                    training
                        .Interpolated.Interpolate(
                            share,
                            starts[fold],
                            network,
                            temperatures,
                            _scheme.PartsOf(fold).HeldOut
                        )
                        .Logits
            );
            return training.WithLogits(tuned, _scheme.Join([.. logits], tuning.Data.ClassCount));
        });

    private double[] NoveltyDistances(
        double share,
        ModelCandidate tuned,
        List<OnnxModel> networks,
        List<OnnxModel> starts
    )
    {
        (double, double) temperatures = (_probe.OwnTemperature, tuned.OwnTemperature);
        List<double> distances = [];
        for (int fold = 0; fold < networks.Count; fold++)
        {
            OnnxModel network =
                share == 1
                    ? networks[fold]
                    : training.Interpolated.Interpolate(share, starts[fold], networks[fold], temperatures, []).Network;
            (IReadOnlyList<LabelledImage> images, IReadOnlyList<LabelledImage> heldOut) = _scheme.PartsOf(fold);
            distances.AddRange(training.NoveltyDistances(network, images, heldOut));
        }

        return [.. distances];
    }
}
