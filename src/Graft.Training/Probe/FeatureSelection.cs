namespace Graft.Training.Probe;

/// <summary>
/// Decides whether more features pay: the fewest win whose out-of-fold loss is within a standard error of the lowest,
/// compared image by image.
/// </summary>
internal static class FeatureSelection
{
    /// <summary>Index of the winner.</summary>
    /// <param name="tried">The scores, the simplest features first.</param>
    public static int Best(IReadOnlyList<OutOfFoldScore> tried)
    {
        OutOfFoldScore lowest = tried.MinBy(score => score.Loss)!;
        return tried.ToList().FindIndex(score => score == lowest || score.IsAsGoodAs(lowest));
    }

    /// <summary>The linear heads that were tried on a probe's features; null where none was.</summary>
    public static TrialTable? Table(ProbeResult probe)
    {
        if (probe.Heads.Count == 0)
        {
            return null;
        }

        int chosen = Best([.. probe.Heads.Select(head => head.Score)]);
        return new(
            "which linear head the probe is",
            [
                .. probe.Heads.Select(
                    (head, i) => new Trial(head.Name, head.Score.Accuracy, head.Score.Loss, i == chosen)
                ),
            ],
            $"the calibrated loss out of fold of {probe.Heads[0].Score.Count} images, the simplest one within a "
                + "standard error"
        );
    }

    /// <param name="tried">The scores, the simplest features first.</param>
    /// <param name="chosen">Index of the winner.</param>
    public static TrialTable Table(IReadOnlyList<(string Name, OutOfFoldScore Score)> tried, int chosen) =>
        new(
            "which features the probe sees",
            [.. tried.Select((one, i) => new Trial(one.Name, one.Score.Accuracy, one.Score.Loss, i == chosen))],
            $"the loss out of fold of {tried[0].Score.Count} images, the simplest one within a standard error"
        );
}
