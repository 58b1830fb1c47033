namespace Graft.Training.Probe;

/// <summary>The fitted linear probes.</summary>
/// <param name="Plain">
/// The probe of the features that fine-tuning's head sees. Training and weight interpolation start from it.
/// </param>
/// <param name="Best">The probe that could be shipped.</param>
/// <param name="PlainFeatures">The features of <paramref name="Plain"/>, in all views.</param>
/// <param name="Images">The images that both were fitted on, with their folds.</param>
/// <param name="PlainScore">Out-of-fold figures of <paramref name="Plain"/>.</param>
internal sealed record Probes(
    ProbeCandidate Plain,
    ProbeCandidate Best,
    TriedFeatures PlainFeatures,
    FoldedImages Images,
    OutOfFoldScore PlainScore
)
{
    /// <summary>One line for the user.</summary>
    public string Summary => Best.Summary;

    /// <summary>These probes with further choices in the record of the one that could be shipped.</summary>
    public Probes WithTrials(IReadOnlyList<TrialTable> tables) =>
        this with
        {
            Best = Best with { Trials = [.. Best.Trials, .. tables] },
        };
}
