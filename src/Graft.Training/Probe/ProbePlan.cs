namespace Graft.Training.Probe;

/// <summary>How the linear probe is fitted, and how it is compared with other candidates.</summary>
/// <param name="Pooling">The features that it sees; <see cref="Pooling.Auto"/>: the best by cross-validation.</param>
/// <param name="Seed">Seed of the folds.</param>
/// <param name="NeedsHoldOut">
/// True where validation images must be held out, however few they are: a target accuracy is watched epoch by epoch.
/// </param>
internal sealed record ProbePlan(Pooling Pooling, long Seed, bool NeedsHoldOut);
