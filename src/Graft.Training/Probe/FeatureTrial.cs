using Graft.Training.Extraction;

namespace Graft.Training.Probe;

/// <summary>
/// Probes of the plain views alone, one for each pooling that may be: a row an image instead of one a view, so that all
/// together cost less than one with views.
/// </summary>
/// <param name="Candidates">The simplest first: it is the one that fine-tuning's head sees.</param>
/// <param name="WinnerIndex">The winner's.</param>
internal sealed record FeatureTrial(IReadOnlyList<TriedFeatures> Candidates, int WinnerIndex)
{
    public TriedFeatures Plain => Candidates[0];

    public TriedFeatures Winner => Candidates[WinnerIndex];

    /// <param name="wanted">The pooling to take; <see cref="Pooling.Auto"/>: all that the rows contain are
    /// tried.</param>
    /// <param name="fit">Of features, from the penalty of another probe on.</param>
    public static FeatureTrial Run(
        FeatureView extraction,
        Pooling wanted,
        int[] labels,
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
    /// The table, and whether the winner keeps its place: with views as further rows it has to be better than the plain
    /// features once more. Null where one thing was tried.
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
