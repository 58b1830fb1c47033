using Graft.Training.Extraction;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>
/// Compares probes of the plain views, one for each possible pooling. An image has one row here instead of one for each
/// view, so all of them cost less than one probe with views.
/// </summary>
/// <param name="Candidates">The tried features, the simplest first, which fine-tuning's head sees.</param>
/// <param name="WinnerIndex">Index of the winner.</param>
internal sealed record FeatureTrial(IReadOnlyList<TriedFeatures> Candidates, int WinnerIndex)
{
    public TriedFeatures Plain => Candidates[0];

    public TriedFeatures Winner => Candidates[WinnerIndex];

    /// <param name="wanted">The only pooling to try; <see cref="Pooling.Auto"/>: all that the rows contain.</param>
    /// <param name="fit">Fits a probe on features, starting at the penalty of another probe if there is one.</param>
    public static FeatureTrial Run(
        FeatureView extraction,
        Pooling wanted,
        TrueLabels labels,
        Func<FeatureView, ProbeResult?, ProbeResult> fit
    )
    {
        List<TriedFeatures> all = [];
        foreach (
            (Pooling pooling, FeatureView features) in wanted == Pooling.Auto
                ? extraction.Poolings.Select(pooling => (pooling, extraction.As(pooling)))
                : [(wanted, extraction)]
        )
        {
            ProbeResult probe = fit(features.PlainViewOnly, all.Count == 0 ? null : all[0].Probe);
            all.Add(new(pooling, features, probe, OutOfFoldScore.Of(probe.OutOfFoldLogits, labels, views: 1)));
        }

        return new(all, FeatureSelection.Best([.. all.Select(one => one.Score)]));
    }

    /// <summary>
    /// The table for the user; null where only one pooling was tried. With views as further rows, the winner must be
    /// better than the plain features again, or it loses its place.
    /// </summary>
    public TrialTable? Table(OutOfFoldScore plain, OutOfFoldScore winner, out bool isKept)
    {
        isKept = true;
        if (Candidates.Count == 1)
        {
            return null;
        }

        List<(string Name, OutOfFoldScore Score)> tried = [.. Candidates.Select(one => (one.Name, one.Score))];
        int chosen = WinnerIndex;
        if (WinnerIndex > 0 && Plain.Extraction.Views > 1)
        {
            isKept = !plain.IsAsGoodAs(winner);
            tried.AddRange([(Plain.NameWithViews, plain), (Winner.NameWithViews, winner)]);
            chosen = tried.Count - (isKept ? 1 : 2);
        }

        return FeatureSelection.Table(tried, chosen);
    }
}
