using System.Globalization;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>
/// The trials of a <see cref="SearchPlan"/>: all settings shortly, then the best of them at twice the length.
/// </summary>
internal sealed class SettingRungs
{
    private readonly FineTuningContext _own;
    private readonly SearchPlan _plan;
    private readonly OnnxModel _start;
    private readonly IReadOnlyList<LabelledImage> _training;
    private readonly IReadOnlyList<LabelledImage> _validation;
    private readonly CancellationToken _cancel;
    private readonly List<SettingTrial> _last = []; // the last trial of each setting
    private bool _isStopped;

    private SettingRungs(
        FineTuningContext own,
        SearchPlan plan,
        OnnxModel start,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> validation,
        CancellationToken cancel
    )
    {
        (_own, _plan, _start) = (own, plan, start);
        (_training, _validation, _cancel) = (training, validation, cancel);
    }

    /// <summary>Draws the images of the trials and trains the head that all of them start from.</summary>
    /// <param name="own">What the trainings share, with the search's own checkpoints and budget.</param>
    /// <param name="plan">What is tried.</param>
    /// <param name="probe">The probe, which training starts from.</param>
    /// <param name="cancel">Ends the search.</param>
    public static SettingRungs Start(
        FineTuningContext own,
        SearchPlan plan,
        ProbeCandidate probe,
        CancellationToken cancel
    )
    {
        (IReadOnlyList<LabelledImage> all, IReadOnlyList<LabelledImage> validation) = own.Validation.FirstParts;
        int[] order = new CountedRandom((ulong)own.Plan.Seed, RandomPurpose.SearchedImages).Permutation(all.Count);
        IReadOnlyList<LabelledImage> training =
            plan.TrainingCount >= all.Count ? all : [.. order.Take(plan.TrainingCount).Order().Select(i => all[i])];
        OnnxModel start = NetworkFactory.WithHead(
            own.Body,
            own.Plan.Head,
            own.Validation.Folds is null ? probe.TrainingFit : probe.FinalFit,
            own.Plan.Seed
        );
        if (own.Plan.HeadTraining is EpochLoopPlan head)
        {
            EpochLoopPlan phase = head with { StopAfter = head.Epochs, ValidatesEpochs = false };
            new PhaseSequence(own).Run(start, [phase], training, validation, cancel);
        }

        return new(own, plan, start, training, validation, cancel);
    }

    /// <summary>Runs the trials.</summary>
    public SettingSearchResult Run()
    {
        double began = _own.Budget.Spent;
        SettingTrial? usual = Try(_plan.Settings[0], _plan.Epochs);
        SearchPlan? affordable = usual is null ? null : Affordable(_own.Budget.Spent - began);
        foreach (Setting setting in affordable?.Settings.Skip(1) ?? [])
        {
            Try(setting, _plan.Epochs);
        }

        if (usual is null || affordable is null || _isStopped)
        {
            return Result(null);
        }

        SettingTrial[] challengers =
        [
            .. _last
                .Skip(1)
                .Where(trial => trial.MayBeat(usual))
                .OrderBy(trial => trial.Score.Loss)
                .Take(affordable.SecondCount - 1),
        ];
        return Result(challengers.Length == 0 ? null : SecondRung(usual, challengers));
    }

    // Repeats the default setting and its challengers at twice the length. Null: no challenger is clearly better.
    private Winner? SecondRung(SettingTrial usual, SettingTrial[] challengers)
    {
        if (usual.IsDiverged && challengers.Length == 1)
        {
            return new(challengers[0], default, usual);
        }

        SettingTrial? longer = usual.IsDiverged ? usual : Try(usual.Setting, _plan.SecondEpochs);
        List<Winner> better = [];
        foreach (SettingTrial challenger in challengers)
        {
            if (
                longer is not null
                && Try(challenger.Setting, _plan.SecondEpochs) is SettingTrial trial
                && trial.Beats(longer, out WeightedMean gain)
            )
            {
                better.Add(new(trial, gain, longer));
            }
        }

        return _isStopped ? null : better.MinBy(found => found.Trial.Score.Loss);
    }

    // Null: the time budget or a cancellation ended the trial.
    private SettingTrial? Try(Setting setting, int epochs)
    {
        if (_isStopped || _own.Budget.IsSpent || _cancel.IsCancellationRequested)
        {
            _isStopped = true;
            return null;
        }

        EpochLoopPlan phase = _own.Plan.BodyPhase(setting) with
        {
            Name = SettingTrials.Name,
            Epochs = epochs,
            StopAfter = epochs,
            ValidatesEpochs = false,
            EmaDecay = 0,
            MaxRollbacks = 0,
            TargetAccuracy = null,
        };
        SettingTrial trial = Train(setting, phase);
        _last.RemoveAll(earlier => earlier.Setting == setting);
        _last.Add(trial);
        return _isStopped ? null : trial;
    }

    private SettingTrial Train(Setting setting, EpochLoopPlan phase)
    {
        TrueLabels labels = _own.Data.TrueLabelsOf(_validation);
        try
        {
            PhasesResult done = new PhaseSequence(_own).Run(_start.Clone(), [phase], _training, _validation, _cancel);
            EpochLoopResult last = done.Last;
            _isStopped = last.IsOutOfTime || last.ScheduledEpochs is not null || _cancel.IsCancellationRequested;
            return new(setting, phase.Epochs, last.Start.Loss, done.Logits, labels);
        }
        catch (DivergedException)
        {
            return new(setting, phase.Epochs, 0, [], labels);
        }
    }

    // The first trial's time tells what a time budget allows. Without one the work was estimated beforehand.
    private SearchPlan? Affordable(double seconds)
    {
        double work = _plan.WorkOf(_plan.Settings[0], _plan.Epochs);
        return _own.Budget.IsLimited
            ? _plan.LimitedTo((work / Math.Max(seconds, 1e-3) * _own.Budget.Left) + work)
            : _plan;
    }

    private SettingSearchResult Result(Winner? winner)
    {
        List<Setting> settings = [.. _plan.Settings];
        Setting chosen = winner?.Trial.Setting ?? _plan.Settings[0];
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
            $"the calibrated loss of {_validation.Count} images after short trainings; another setting than the first "
                + "must be better by more than a standard error, a higher rate only where the first one crawls",
            winner?.Notice
                ?? (
                    _isStopped
                        ? "Depth and rate keep their defaults: a search takes more than its part of the time budget."
                        : null
                )
        );
    }

    /// <summary>A setting that beats the default one.</summary>
    /// <param name="Trial">The trial of the setting.</param>
    /// <param name="Gain">How much lower its loss is per image, in nats.</param>
    /// <param name="Usual">The trial of the default setting.</param>
    private sealed record Winner(SettingTrial Trial, WeightedMean Gain, SettingTrial Usual)
    {
        public string Notice =>
            $"Fine-tuning takes {Trial.Setting} instead of {Usual.Setting}, "
            + (
                Usual.IsDiverged
                    ? "which diverged in a short training."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"which loses {Gain.Mean:0.000} nats more per image after a short training "
                    ) + string.Create(CultureInfo.InvariantCulture, $"(standard error {Gain.StandardError:0.000}).")
            );
    }
}
