using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>The candidate that is shipped, and why.</summary>
/// <param name="Shipped">The candidate.</param>
/// <param name="Probe">The probe, for comparison.</param>
/// <param name="Reason">Why it is shipped, one sentence.</param>
/// <param name="Stopped">Why training stopped, half a sentence.</param>
internal sealed record CandidateSelection(ModelCandidate Shipped, ProbeCandidate Probe, string Reason, string Stopped)
{
    /// <summary>All choices that were made by trials.</summary>
    public IReadOnlyList<TrialTable> Trials { get; init; } = [];

    /// <summary>Chooses the better candidate, or the probe, which is simpler, where they are equally good.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="tuned">The fine-tuned candidate. Null: there is none.</param>
    /// <param name="untuned">Why there is none, half a sentence.</param>
    /// <param name="cut">What ended fine-tuning early, half a sentence; null: nothing did.</param>
    public static CandidateSelection Between(
        ProbeCandidate probe,
        ModelCandidate? tuned,
        string untuned,
        string? cut = null
    )
    {
        if (tuned is null)
        {
            return new(probe, probe, $"The probe is shipped: {untuned} ({probe.Summary}).", untuned)
            {
                Trials = probe.Trials,
            };
        }

        string way =
            tuned.Share == 1 ? "" : $", {tuned.Share:P0} of the way from the probe's weights to the trained ones";
        string not = tuned.IsBetterThan(probe)
            ? $"{probe.Labels.Count} images are too few to tell whether fine-tuning is better"
            : cut is null ? "fine-tuning was not better"
            : $"{cut} before fine-tuning was better";
        CandidateSelection choice = tuned.IsWorthMoreThan(probe)
            ? new(
                tuned,
                probe,
                $"The fine-tuned model is shipped{way}: {tuned.Summary}; the probe: {probe.Summary}.",
                tuned.Stopped
            )
            : new(
                probe,
                probe,
                $"The probe is shipped: {not} ({tuned.Summary}; the probe: {probe.Summary}).",
                tuned.Stopped
            );
        return choice with { Trials = [.. probe.Trials, .. tuned.Trials] };
    }
}
