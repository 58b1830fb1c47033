namespace Graft.Training.Probe;

/// <summary>
/// Whether features are worth their number: the fewest win whose loss out of fold cannot be told from the lowest, image
/// by image.
/// </summary>
internal static class FeatureSelection
{
    /// <summary>The index of the winner.</summary>
    /// <param name="tried">The simplest first.</param>
    public static int Best(IReadOnlyList<OutOfFoldScore> tried)
    {
        OutOfFoldScore lowest = tried.MinBy(score => score.Loss)!;
        return tried.ToList().FindIndex(score => score == lowest || score.IsAsGoodAs(lowest));
    }

    /// <param name="tried">The simplest first.</param>
    /// <param name="chosen">The index of the winner.</param>
    public static TrialTable Table(IReadOnlyList<(string Name, OutOfFoldScore Score)> tried, int chosen) =>
        new(
            "which features the probe sees",
            [.. tried.Select((one, i) => new Trial(one.Name, one.Score.Accuracy, one.Score.Loss, i == chosen))],
            $"the loss out of fold of {tried[0].Score.Count} images, the simplest one within a standard error"
        );
}
