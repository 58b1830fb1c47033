using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>What all trainings after the probe share.</summary>
/// <param name="Body">The body.</param>
/// <param name="Extraction">Features and activations of the images.</param>
/// <param name="Data">The images of the run.</param>
/// <param name="Validation">How candidates are compared.</param>
/// <param name="Plan">Settings of the phases.</param>
/// <param name="Progress">Receives the events of the run.</param>
/// <param name="Clock">Times the phases.</param>
internal sealed record FineTuningContext(
    TrainableBody Body,
    FeatureView Extraction,
    TrainingData Data,
    ValidationScheme Validation,
    FineTuningPlan Plan,
    IProgress<TrainingEvent> Progress,
    PhaseClock Clock
)
{
    /// <summary>Where checkpoints are written. Null: nowhere.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>Time that is left for training.</summary>
    public TimeBudget Budget { get; init; } = new(null, () => 0);
}
