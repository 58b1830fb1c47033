using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Runs;

namespace Graft.Training.Phases;

/// <summary>What every training of a run after the probe works with.</summary>
internal sealed record FineTuningContext(
    TrainableBody Body,
    ExtractedFeatures Extraction,
    TrainingData Data,
    ValidationScheme Judges,
    TrainingOptions Options,
    IProgress<TrainingEvent> Progress,
    PhaseClock Clock
)
{
    /// <summary>Null: nothing is kept.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    public TimeBudget Budget { get; init; } = new(null, () => 0);
}
