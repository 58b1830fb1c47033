namespace Graft.Training.FineTuning;

/// <summary>
/// The epochs that mix the validation images into a scored training. Training anew costs several times as much and was
/// not more accurate (docs/results.md).
/// </summary>
internal static class Continuation
{
    /// <summary>Passes over all images, at most as many as the scored training had.</summary>
    public const int MostEpochs = 4;

    // The scored training ends near rate zero. Its peak would undo what it has found.
    private const double RateShare = 0.5;

    /// <summary>The phase that follows a scored one.</summary>
    /// <param name="scored">The phase that was scored, with the rates that were best.</param>
    public static EpochLoopPlan Of(EpochLoopPlan scored)
    {
        int epochs = Math.Min(MostEpochs, scored.Epochs);
        return scored with
        {
            Epochs = epochs,
            StopAfter = epochs,
            EndsWithEma = false,
            HeadRate = RateShare * scored.HeadRate,
            BodyRate = RateShare * scored.BodyRate,
        };
    }
}
