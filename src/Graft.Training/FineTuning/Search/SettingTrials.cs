using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>
/// Finds out how deep and how fast a body is to be trained. It runs short trainings, and repeats the better half of
/// them at twice the length. The default setting stays unless another one is clearly better.
/// </summary>
internal sealed class SettingTrials(FineTuningContext tuning, SearchPlan plan)
{
    /// <summary>Name of the phase in events and checkpoints.</summary>
    public const string Name = PhaseNames.Search;

    private const double BudgetShare = 0.25; // of what is left

    /// <summary>Runs the trials. The validation images score them, or the first fold of a cross-validation.</summary>
    /// <param name="probe">The probe, which training starts from.</param>
    /// <param name="cancel">Ends the search; the default setting is then chosen.</param>
    public SelectedSetting Run(ProbeCandidate probe, CancellationToken cancel)
    {
        CheckpointFolder? own = tuning.Checkpoints?.Within(Name);
        // read first: a resumed search must not look at the clock again
        CheckpointFolder.StepCheckpoints? kept = own?.Enter("choice", Fingerprint.Of(plan.Description));
        SettingSearchResult? result = kept?.Result(source => source.StateAs<SettingSearchResult>());
        if (result is null)
        {
            FineTuningContext context = tuning with
            {
                Checkpoints = own,
                Budget = tuning.Budget.Share(BudgetShare),
                Extraction = tuning.Extraction with { FreshViews = 0 },
            };
            result = SettingRungs.Start(context, plan, probe, cancel).Run();
            if (cancel.IsCancellationRequested)
            {
                return new(plan.Settings[0], []);
            }

            kept?.Finish(result, []);
        }

        TrialTable table = new(plan.Subject, result.Trials, result.Rule);
        tuning.Progress.Report(table.Event);
        if (result.Notice is not null)
        {
            tuning.Progress.Report(new Notice(result.Notice));
        }

        return new(plan.Settings[result.Chosen], [table]);
    }
}

/// <summary>Result of a search for a setting, as its checkpoint keeps it.</summary>
/// <param name="Chosen">Number of the setting in the plan.</param>
/// <param name="Trials">What was tried.</param>
/// <param name="Rule">How the setting was chosen.</param>
/// <param name="Notice">What to report about the choice. Null: nothing.</param>
internal sealed record SettingSearchResult(int Chosen, List<Trial> Trials, string Rule, string? Notice);
