using System.Globalization;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>
/// Finds out how deep and how fast a body is to be trained: by short trainings, the better half of which is repeated at
/// twice the length. The usual setting stays where none is clearly better.
/// </summary>
internal sealed class SettingTrials(FineTuningContext tuning, SearchPlan plan)
{
    private const string Name = "search";
    private const double BudgetShare = 0.25; // of what is left

    /// <summary>By the validation images; where folds judge, by the first one held out.</summary>
    public SelectedSetting Run(ProbeCandidate probe, CancellationToken cancel)
    {
        CheckpointFolder? own = tuning.Checkpoints?.Within(Name);
        // first, so that what the clock has decided is not asked again
        CheckpointFolder.StepCheckpoints? kept = own?.Enter("choice", Fingerprint.Of(plan.Description));
        Result? result = kept?.Result(source => source.StateAs<Result>());
        if (result is null)
        {
            result = new Rungs(
                tuning with
                {
                    Checkpoints = own,
                    Budget = tuning.Budget.Share(BudgetShare),
                    Extraction = tuning.Extraction with { FreshViews = 0 },
                },
                plan,
                probe,
                cancel
            ).Climb();
            if (cancel.IsCancellationRequested)
            {
                return new(plan.Settings[0], []);
            }

            kept?.Finish(result, []);
        }

        TrialTable table = new("how deep and how fast", result.Trials, result.Rule);
        tuning.Progress.Report(table.Event);
        if (result.Notice is not null)
        {
            tuning.Progress.Report(new Notice(result.Notice));
        }

        return new(plan.Settings[result.Chosen], [table]);
    }

    /// <summary>As it is kept.</summary>
    /// <param name="Chosen">The setting's number in the plan.</param>
    internal sealed record Result(int Chosen, List<Trial> Trials, string Rule, string? Notice);

    private sealed class Rungs(FineTuningContext own, SearchPlan plan, ProbeCandidate probe, CancellationToken cancel)
    {
        private readonly List<SettingTrial> _last = []; // of each setting
        private OnnxModel _start = null!;
        private IReadOnlyList<LabelledImage> _training = [];
        private IReadOnlyList<LabelledImage> _judged = [];
        private bool _isBrokenOff;

        public Result Climb()
        {
            Prepare();
            double began = own.Budget.Spent;
            SettingTrial? usual = Try(plan.Settings[0], plan.Epochs);
            SearchPlan? affordable = usual is null ? null : Affordable(own.Budget.Spent - began);
            foreach (Setting setting in affordable?.Settings.Skip(1) ?? [])
            {
                Try(setting, plan.Epochs);
            }

            SettingTrial[] challengers =
                usual is null || affordable is null || _isBrokenOff
                    ? []
                    :
                    [
                        .. _last
                            .Skip(1)
                            .Where(trial => trial.MayBeat(usual))
                            .OrderBy(trial => trial.Score.Loss)
                            .Take(affordable.SecondCount - 1),
                    ];
            return Of(challengers.Length == 0 ? null : Second(usual!, challengers));
        }

        // The usual setting and those that may beat it once more, for longer; the best of them, or null.
        private (SettingTrial Best, WeightedMean Gain, SettingTrial Usual)? Second(
            SettingTrial usual,
            SettingTrial[] challengers
        )
        {
            if (usual.IsDiverged && challengers.Length == 1)
            {
                return (challengers[0], default, usual);
            }

            SettingTrial? longer = usual.IsDiverged ? usual : Try(usual.Setting, plan.SecondEpochs);
            List<(SettingTrial Best, WeightedMean Gain, SettingTrial Usual)> better = [];
            foreach (SettingTrial challenger in challengers)
            {
                if (
                    longer is not null
                    && Try(challenger.Setting, plan.SecondEpochs) is SettingTrial trial
                    && trial.Beats(longer, out WeightedMean gain)
                )
                {
                    better.Add((trial, gain, longer));
                }
            }

            return _isBrokenOff || better.Count == 0 ? null : better.MinBy(found => found.Best.Score.Loss);
        }

        private void Prepare()
        {
            (IReadOnlyList<LabelledImage> training, _judged) = own.Validation.FirstPart;
            int[] order = new CountedRandom((ulong)own.Plan.Seed, RandomPurpose.SearchedImages).Permutation(
                training.Count
            );
            _training =
                plan.TrainingCount >= training.Count
                    ? training
                    : [.. order.Take(plan.TrainingCount).Order().Select(i => training[i])];
            _start = NetworkFactory.WithHead(
                own.Body,
                own.Plan.Head,
                own.Validation.Folds is null ? probe.Judged : probe.Shipped,
                own.Plan.Seed
            );
            if (own.Plan.HeadTraining is EpochLoopPlan head)
            {
                new PhaseSequence(own).Run(
                    _start,
                    [head with { StopAfter = head.Epochs, ValidatesEpochs = false }],
                    _training,
                    _judged,
                    cancel
                );
            }
        }

        // Null where the time budget ends it before its end.
        private SettingTrial? Try(Setting setting, int epochs)
        {
            if (_isBrokenOff || own.Budget.IsSpent || cancel.IsCancellationRequested)
            {
                _isBrokenOff = true;
                return null;
            }

            EpochLoopPlan phase = own.Plan.BodyPhase(setting) with
            {
                Name = Name,
                Epochs = epochs,
                StopAfter = epochs,
                ValidatesEpochs = false,
                EmaDecay = 0,
                MaxRollbacks = 0,
                TargetAccuracy = null,
            };
            int[] labels = own.Data.LabelsOf(_judged);
            SettingTrial trial;
            try
            {
                (_, EpochLoopResult outcome, float[] logits) = new PhaseSequence(own).Run(
                    _start.Clone(),
                    [phase],
                    _training,
                    _judged,
                    cancel
                );
                _isBrokenOff =
                    outcome.IsOutOfTime || outcome.ScheduledEpochs is not null || cancel.IsCancellationRequested;
                trial = new(setting, epochs, outcome.Start.Loss, logits, labels);
            }
            catch (DivergedException)
            {
                trial = new(setting, epochs, 0, [], labels);
            }

            _last.RemoveAll(earlier => earlier.Setting == setting);
            _last.Add(trial);
            return _isBrokenOff ? null : trial;
        }

        // By the time that the first trial took; another than the time budget is counted beforehand.
        private SearchPlan? Affordable(double seconds) =>
            own.Budget.IsLimited
                ? plan.LimitedTo(
                    (plan.WorkOf(plan.Settings[0], plan.Epochs) / Math.Max(seconds, 1e-3) * own.Budget.Left)
                        + plan.WorkOf(plan.Settings[0], plan.Epochs)
                )
                : plan;

        private Result Of((SettingTrial Best, WeightedMean Gain, SettingTrial Usual)? found)
        {
            List<Setting> settings = [.. plan.Settings];
            Setting chosen = found?.Best.Setting ?? plan.Settings[0];
            string? notice =
                found is var (best, gain, usual)
                    ? $"Fine-tuning takes {best.Setting} instead of {usual.Setting}, "
                        + (
                            usual.IsDiverged
                                ? "which diverged in a short training."
                                : string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"which loses {gain.Mean:0.000} nats more an image after a short training (standard error {gain.StandardError:0.000})."
                                )
                        )
                : _isBrokenOff
                    ? $"How deep and how fast is left as usual: a search takes more than its part of the time budget."
                : null;
            return new(
                settings.IndexOf(chosen),
                [
                    .. _last
                        .OrderBy(trial => settings.IndexOf(trial.Setting))
                        .Select(trial => new Trial(
                            $"{trial.Setting}, {trial.Epochs} {(trial.Epochs == 1 ? "epoch" : "epochs")}",
                            trial.Score.Accuracy,
                            trial.Score.Loss,
                            trial.Setting == chosen
                        )),
                ],
                $"the calibrated loss of {_judged.Count} images after short trainings; the first unless another is better by more than a standard error, a higher rate only where the first one crawls",
                notice
            );
        }
    }
}
