using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>Settings of everything that a run trains after the probe.</summary>
internal sealed record FineTuningPlan
{
    /// <summary>Seed of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>The head that is trained: the options' one, or the one that a search found.</summary>
    public required HeadOptions Head { get; init; }

    /// <summary>The phase that trains the head while the body is frozen. Null: there is none.</summary>
    public EpochLoopPlan? HeadTraining { get; init; }

    /// <summary>The phase that trains the body too. <see cref="BodyPhase"/> sets its cut, rates and loss.</summary>
    public required EpochLoopPlan Body { get; init; }

    /// <summary>
    /// True: the last training on all images begins anew. False: it continues from the scored weights.
    /// </summary>
    public bool TrainsAnew { get; init; }

    /// <summary>Peak step size of the head in the body's phase. Null: it follows the body's.</summary>
    public double? HeadRate { get; init; }

    /// <summary>Factor of the body's rate that gives the head's, where <see cref="HeadRate"/> is null.</summary>
    public double HeadRateFactor { get; init; } = 1;

    /// <summary>The phase that trains the body, by a setting.</summary>
    public EpochLoopPlan BodyPhase(Setting setting) =>
        Body with
        {
            Cut = setting.Cut,
            HeadRate = HeadRate ?? (setting.Rate * HeadRateFactor),
            BodyRate = setting.Rate,
            Loss = setting.Loss,
        };

    /// <summary>All phases in order: head training, then the body, at once or step by step.</summary>
    /// <param name="setting">Depth and rate. Null: only the head is trained.</param>
    /// <param name="steps">The cuts at which the body is unfrozen, the setting's last.</param>
    public List<EpochLoopPlan> Phases(Setting? setting, IReadOnlyList<CutPoint> steps) =>
        [
            .. HeadTraining is null ? [] : (EpochLoopPlan[])[HeadTraining],
            .. setting is null ? [] : GradualUnfreezing.Divide(BodyPhase(setting), steps),
        ];
}
