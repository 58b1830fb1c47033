using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>Writes the checkpoints of a phase and restores the newest one.</summary>
/// <param name="plan">Settings of the phase.</param>
/// <param name="weights">The tensors of the phase.</param>
/// <param name="stopping">State of early stopping, a part of each checkpoint.</param>
/// <param name="checkpoints">Where checkpoints are written. Null: nowhere.</param>
internal sealed class LoopSnapshots(
    EpochLoopPlan plan,
    TrainedWeights weights,
    EarlyStopping stopping,
    CheckpointFolder.StepCheckpoints? checkpoints
)
{
    /// <summary>Restores the newest usable checkpoint.</summary>
    /// <returns>Its position; null where there is none.</returns>
    public TrainingPosition? Restore()
    {
        SavedSnapshot? saved = checkpoints?.Newest(source => TrainingSnapshot.Read(source, weights.Parameters, plan));
        if (saved is null)
        {
            return null;
        }

        TrainingPosition at = saved.Snapshot.Position;
        weights.ReplaceOptimizer(OptimizerFallback.At(plan, at).Optimizer);
        saved.Snapshot.Restore(saved.Source, weights);
        stopping.State = saved.Snapshot.Stopping;
        return at;
    }

    /// <summary>Writes a checkpoint.</summary>
    public void Save(TrainingPosition at)
    {
        if (checkpoints is not null)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            TrainingSnapshot snapshot = new(
                at,
                stopping.State,
                [.. weights.Optimizer.Rules.Select(entry => entry.Rule.Steps)]
            );
            checkpoints.Save(snapshot, TrainingSnapshot.Tensors(weights));
        }
    }

    /// <summary>Writes a checkpoint if the last one is old enough.</summary>
    public void SaveIfDue(TrainingPosition at)
    {
        if (checkpoints?.IsDue == true)
        {
            Save(at);
        }
    }
}
