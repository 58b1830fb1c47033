namespace Graft.Training.FineTuning;

/// <summary>Settings of the search for a hidden layer.</summary>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Dropouts">Dropouts to try, each 0 to 0.9; the options' one is the last.</param>
internal sealed record HeadSearchPlan(long Seed, double[] Dropouts);
