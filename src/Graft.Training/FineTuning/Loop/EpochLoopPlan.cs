using Graft.Onnx;
using Graft.Prediction;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>
/// Settings of one phase: head training (the body is frozen) or fine-tuning (body layers are trained too).
/// </summary>
internal sealed record EpochLoopPlan
{
    /// <summary>Name of the phase in events, logs and checkpoints.</summary>
    public required string Name { get; init; }

    /// <summary>Where the trained part begins. Null: at the head.</summary>
    public CutPoint? Cut { get; init; }

    /// <summary>Passes over the training images.</summary>
    public required int Epochs { get; init; }

    /// <summary>The optimiser that the phase begins with; a stall may replace it.</summary>
    public required OptimizerKind Optimizer { get; init; }

    /// <summary>Peak step size of the head.</summary>
    public required double HeadRate { get; init; }

    /// <summary>Peak step size of the body's last layers.</summary>
    public required double BodyRate { get; init; }

    /// <summary>Images per step.</summary>
    public required int Batch { get; init; }

    /// <summary>L2 penalty on the weights, but not on biases and normalisations.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Seed of the batch order, the choice of views and dropout.</summary>
    public required long Seed { get; init; }

    /// <summary>Type of the activations and of the weights that meet them. Master weights are float32.</summary>
    public torch.ScalarType ComputeType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Each quarter of the body's layers towards the input learns slower by this factor.</summary>
    public double QuarterDecay { get; init; } = 1;

    /// <summary>
    /// Share of a label's weight that is spread over all classes (Szegedy et al. 2016, section 7).
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether an image has one label or any number.</summary>
    public ClassificationTask Task { get; init; }

    /// <summary>The loss where images may have several labels.</summary>
    public LabelLoss Loss { get; init; }

    /// <summary>Share of all steps in which the rate rises to its peak.</summary>
    public double WarmUpShare { get; init; } = 0.05;

    /// <summary>Share of the running average (EMA) of the weights that a step keeps. 0: there is no EMA.</summary>
    public double EmaDecay { get; init; }

    /// <summary>Epochs without a lower validation loss after which the phase ends.</summary>
    public int Patience { get; init; } = 1000;

    /// <summary>How often the phase may return to its best weights after a divergence.</summary>
    public int MaxRollbacks { get; init; } = 3;

    /// <summary>
    /// True where an epoch's loss may exceed that of guessing, as in the first epochs of a random head. Otherwise such
    /// an epoch counts as a divergence.
    /// </summary>
    public bool AllowsHighLoss { get; init; }

    /// <summary>
    /// Loss of guessing by the class frequencies, in nats. A phase that stays there falls back to another optimiser
    /// (<see cref="OptimizerFallback"/>). Null: stalls are not detected.
    /// </summary>
    public double? GuessingLoss { get; init; }

    /// <summary>Number of features of the head, which decides the default rate of a fallback optimiser.</summary>
    public int FeatureCount { get; init; } = 1;

    /// <summary>The phase ends when the validation accuracy (0..1) reaches this. Null: it does not.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>
    /// True: each epoch is scored on the validation images, and the best one is kept. False: the images are scored
    /// once, at the end.
    /// </summary>
    public bool ValidatesEpochs { get; init; } = true;

    /// <summary>
    /// Without validated epochs: the epoch after which to stop, in a schedule of <see cref="Epochs"/> epochs.
    /// </summary>
    public int StopAfter { get; init; }

    /// <summary>Without validated epochs: the phase ends with the EMA of the weights.</summary>
    public bool EndsWithEma { get; init; }

    /// <summary>Co-tuning with the classes of the pretrained head. Null: none.</summary>
    public CoTuning? CoTuning { get; init; }
}
