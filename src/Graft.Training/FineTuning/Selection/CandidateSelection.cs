using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>Which candidate is shipped, and why.</summary>
/// <param name="Stopped">Why training stopped.</param>
internal sealed record CandidateSelection(ModelCandidate Shipped, ProbeCandidate Probe, string Reason, string Stopped)
{
    /// <summary>Every choice that was made by trying.</summary>
    public IReadOnlyList<TrialTable> Trials { get; init; } = [];

    /// <summary>The better one by the images that judge; the probe where they are equal, being the simpler.</summary>
    /// <param name="tuned">Null: not asked for, or stopped before there was anything to judge.</param>
    /// <param name="untuned">Why there is none, half a sentence.</param>
    public static CandidateSelection Between(ProbeCandidate probe, ModelCandidate? tuned, string untuned)
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
            ? $"{probe.Labels.Length} images are too few to tell whether fine-tuning is better"
            : "fine-tuning was not better";
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
