namespace Graft.Training.FineTuning;

/// <summary>Result of phases that ran one after the other.</summary>
/// <param name="Plans">The phases with the epochs and rates that were best, for a training without validation
/// images.</param>
/// <param name="Last">Result of the last phase.</param>
/// <param name="Logits">Validation logits of its best weights, [N,C].</param>
internal sealed record PhasesResult(List<EpochLoopPlan> Plans, EpochLoopResult Last, float[] Logits);
