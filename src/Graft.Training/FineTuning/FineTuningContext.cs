using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>What every training of a run after the probe works with.</summary>
internal sealed record FineTuningContext(
    TrainableBody Body,
    FeatureView Extraction,
    TrainingData Data,
    ValidationScheme Validation,
    TrainingOptions Options,
    IProgress<TrainingEvent> Progress,
    PhaseClock Clock
)
{
    /// <summary>Null: nothing is kept.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    public TimeBudget Budget { get; init; } = new(null, () => 0);
}
