using Graft.Onnx;
using Graft.Training.Data;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// The second kind of transfer learning: a new head, trained with the body frozen, then body layers trained with a
/// small rate.
/// </summary>
/// <param name="chosen">How deep and how fast.</param>
/// <param name="steps">The cuts at which the body is unfrozen, the chosen one last; empty where the head alone is
/// trained.</param>
internal sealed class FineTune(FineTuningContext tuning, SelectedSetting chosen, IReadOnlyList<CutPoint> steps)
{
    private const string Name = "fine-tuned";
    private readonly ValidationScheme _judges = tuning.Validation;
    private readonly CutPoint? _cut = chosen.Setting?.Cut;
    private readonly PhaseSequence _phases = new(tuning);
    private readonly InterpolatedCandidates _line = new(tuning, chosen.Setting?.Cut);

    private TrainingData Data => tuning.Data;

    private HeadOptions Head => tuning.Plan.Head;

    /// <summary>
    /// Trains on the training images and judges on the validation images. Where these were drawn, and the result beats
    /// the probe, it trains once
    /// more on all of them, for as many epochs as were best. Where the validation images are too few, cross-validation
    /// judges.
    /// </summary>
    /// <returns>Null where it was cancelled, or the time budget used up, before there was anything to judge.</returns>
    /// <param name="probes">What it starts from, and what it has to beat.</param>
    public ModelCandidate? Run(Probes probes, CancellationToken cancel)
    {
        if (tuning.Budget.IsSpent)
        {
            return null;
        }

        if (_judges.Folds is not null)
        {
            return RunFolds(probes, cancel);
        }

        ProbeCandidate probe = probes.Plain;
        OnnxModel network = NetworkFactory.WithHead(tuning.Body, Head, probe.Judged, tuning.Plan.Seed);
        (List<EpochLoopPlan> plans, EpochLoopResult outcome, float[] logits) = _phases.Run(
            network,
            tuning.Plan.Phases(chosen.Setting, steps),
            Data.Train,
            Data.Validation,
            cancel,
            Data.HasOwnValidation ? 1 : Data.Train.Count / (double)(Data.Train.Count + Data.Everything.Count)
        );
        ModelCandidate tuned = ModelCandidate.Of(Name, network, logits, _judges.Labels, outcome.Reason) with
        {
            Cut = _cut,
            Trials = chosen.Trials,
        };
        ProposeSimplerHead(tuned, probes.Best);
        OnnxModel judgedProbe = NetworkFactory.WithProbe(tuning.Body, Head.TrainedPooling, probe.Judged);
        ModelCandidate judged = _line.Best(tuned, probe, (at, temperatures) =>
        {
            (OnnxModel mixed, float[] answers) = _line.Interpolate(
                at,
                judgedProbe,
                network,
                temperatures,
                Data.Validation
            );
            return tuned with
            {
                Network = mixed,
                Score = ModelCandidate.Judge(answers, _judges.Labels),
                Logits = answers,
                HeldOutLogits = answers,
            };
        });
        if (judged.IsWorthMoreThan(probes.Best) && !cancel.IsCancellationRequested)
        {
            judged = judged with { HeldOutDistances = Distances(judged.Network, Data.Train, Data.Validation) };
        }

        if (Data.HasOwnValidation || !judged.IsWorthMoreThan(probes.Best) || cancel.IsCancellationRequested)
        {
            return judged;
        }

        tuning.Progress.Report(
            new Notice(
                $"Fine-tuning is better than the probe ({judged.Summary}): once more with the validation images as training images."
            )
        );
        OnnxModel all = NetworkFactory.WithHead(tuning.Body, Head, probe.Shipped, tuning.Plan.Seed);
        bool isCut = _phases.Run(all, plans, Data.Everything, [], cancel).Outcome.IsOutOfTime;
        if (isCut)
        {
            tuning.Progress.Report(
                new Notice(
                    $"It did not come to its end, because {tuning.Budget.Reason}: what was judged is shipped, which the validation images did not train."
                )
            );
        }

        return cancel.IsCancellationRequested || isCut
            ? judged
            : judged with
            {
                Network = _line.AtShare(judged.Share, probe, tuned, all),
            };
    }

    // No epoch is chosen by the fold held out, which would flatter fine-tuning: each fold ends as the last training
    // will.
    private ModelCandidate? RunFolds(Probes probes, CancellationToken cancel)
    {
        ProbeCandidate probe = probes.Plain;
        List<EpochLoopPlan> plans =
        [
            .. tuning
                .Plan.Phases(chosen.Setting, steps)
                .Select(plan => plan with { StopAfter = plan.Epochs, ValidatesEpochs = false }),
        ];
        List<float[]> logits = [];
        List<OnnxModel> networks = [];
        for (int fold = 0; fold < _judges.FoldCount; fold++)
        {
            OnnxModel network = NetworkFactory.WithHead(tuning.Body, Head, probe.Shipped, tuning.Plan.Seed);
            (IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> heldOut) = _judges.Part(fold);
            // of the folds to come and the last training
            double work = training.Count / (double)(((_judges.FoldCount - fold) * training.Count) + _judges.All.Count);
            (List<EpochLoopPlan> done, EpochLoopResult outcome, float[] answers) = _phases.Run(
                network,
                plans,
                training,
                heldOut,
                cancel,
                work
            );
            logits.Add(answers);
            networks.Add(network);
            if (cancel.IsCancellationRequested || outcome.IsOutOfTime)
            {
                return null;
            }

            plans =
            [
                .. plans.Zip(done, (plan, found) =>
                    plan with
                    {
                        Epochs = found.Epochs,
                        StopAfter = found.Epochs,
                        Optimizer = found.Optimizer,
                        HeadRate = found.HeadRate,
                    }
                ),
            ]; // what one fold has found to learn by, the others need not find
        }

        OnnxModel all = NetworkFactory.WithHead(tuning.Body, Head, probe.Shipped, tuning.Plan.Seed);
        ModelCandidate tuned = ModelCandidate.Of(
            Name,
            all,
            _judges.Join(logits, Data.ClassCount),
            _judges.Labels,
            $"{plans[^1].Epochs} epochs are done"
        ) with
        {
            Cut = _cut,
            Trials = chosen.Trials,
            IsOutOfFold = true,
        };
        ProposeSimplerHead(tuned, probes.Best);
        OnnxModel[] starts = _line.IsPossible
            ?
            [
                .. networks.Select(
                    (_, fold) =>
                        NetworkFactory.WithProbe(
                            tuning.Body,
                            Head.TrainedPooling,
                            ProbePhase.Refit(
                                probe.Shipped,
                                tuning.Extraction,
                                Data,
                                _judges.Part(fold).Training,
                                cancel
                            )
                        )
                ),
            ]
            : [];
        ModelCandidate judged = _line.Best(tuned, probe, (at, temperatures) =>
        {
            float[] answers = _judges.Join(
                [
                    .. networks.Select(
                        (network, fold) =>
                            _line
                                .Interpolate(at, starts[fold], network, temperatures, _judges.Part(fold).HeldOut)
                                .Logits
                    ),
                ],
                Data.ClassCount
            );
            return tuned with
            {
                Score = ModelCandidate.Judge(answers, _judges.Labels),
                Logits = answers,
                HeldOutLogits = answers,
            };
        });
        bool isBetter = judged.IsWorthMoreThan(probes.Best);
        if (isBetter)
        {
            tuning.Progress.Report(
                new Notice($"Fine-tuning is better than the probe ({judged.Summary}): once more on all images.")
            );
            (double, double) temperatures = (probe.OwnTemperature, tuned.OwnTemperature);
            IEnumerable<OnnxModel> shipped =
                judged.Share == 1
                    ? networks
                    : networks.Select(
                        (network, fold) =>
                            _line.Interpolate(judged.Share, starts[fold], network, temperatures, []).Network
                    );
            judged = judged with
            {
                HeldOutDistances =
                [
                    .. shipped.SelectMany(
                        (network, fold) => Distances(network, _judges.Part(fold).Training, _judges.Part(fold).HeldOut)
                    ),
                ],
            };
            if (_phases.Run(all, plans, _judges.All, [], cancel).Outcome.IsOutOfTime)
            {
                return null;
            }
        }

        return cancel.IsCancellationRequested ? null
            : isBetter ? judged with { Network = _line.AtShare(judged.Share, probe, tuned, all) }
            : judged;
    }

    // How far images lie from what a network was trained on that did not see them.
    private double[] Distances(
        OnnxModel network,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> heldOut
    )
    {
        using NoveltyFeatures features = new(network, tuning.Body, _cut, tuning.Extraction, Data, Head.Pooling);
        return heldOut.Count == 0
            ? []
            : NoveltyScore
                .Fit(features.Compute(training), Data.LabelsOf(training), Data.ClassCount)
                .Distances(features.Compute(heldOut));
    }

    // A big head on few images is hard to start and easy to overfit; the probe is the same network with one linear
    // layer.
    private void ProposeSimplerHead(ModelCandidate judged, ProbeCandidate probe)
    {
        if (Head.Layers.Count > 0 && !judged.IsBetterThan(probe))
        {
            string widths = string.Join('-', Head.Layers);
            tuning.Progress.Report(
                new Notice(
                    $"A simpler head does better: one linear layer (the probe) reaches {probe.Summary}, {widths} units reach {judged.Summary}, on the same {_judges.Labels.Length} images; --head linear."
                )
            );
        }
    }
}
