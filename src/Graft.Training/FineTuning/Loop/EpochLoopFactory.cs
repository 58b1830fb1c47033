using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>Makes an <see cref="EpochLoop"/>: at the start of its phase, or at its newest usable checkpoint.</summary>
internal static class EpochLoopFactory
{
    /// <param name="plan">Settings of the phase.</param>
    /// <param name="tail">The trained part of the network.</param>
    /// <param name="weights">The tail's parameters; they stay the caller's to dispose.</param>
    /// <param name="training">Activations of the training images.</param>
    /// <param name="validation">Activations of the validation images. Where there are none, or the plan validates no
    /// epoch, the phase ends as <see cref="EpochLoopPlan.StopAfter"/> and <see cref="EpochLoopPlan.EndsWithEma"/>
    /// say.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="progress">Receives the events of the phase.</param>
    /// <param name="checkpoints">Where checkpoints are written and read. Null: nowhere.</param>
    /// <param name="budget">Time that the phase may take. A short one shortens the schedule. Null: no limit.</param>
    public static EpochLoop Create(
        EpochLoopPlan plan,
        TorchGraph tail,
        TrainedWeights weights,
        LabelledActivations training,
        LabelledActivations validation,
        int classCount,
        IProgress<TrainingEvent> progress,
        CheckpointFolder.StepCheckpoints? checkpoints = null,
        TimeBudget? budget = null
    )
    {
        budget ??= new TimeBudget(null, () => 0);
        EarlyStopping stopping = new(plan.Patience, plan.TargetAccuracy, MeasureName.Of(plan.Task));
        bool isValidated = plan.ValidatesEpochs && validation.Count > 0;
        EpochSchedule schedule = new(plan, (training.Count + plan.Batch - 1) / plan.Batch, isValidated);
        BestWeights best = new(plan, tail, validation, weights, stopping);
        // computed now, with the weights that the body came with
        torch.Tensor? relation = plan.CoTuning is null
            ? null
            : CoTuning.Relation(tail, training, classCount, plan.Batch);
        BatchGradient gradient = new(plan, tail, weights.Parameters, progress, relation);
        double secondsBefore = budget.Spent;
        LoopSnapshots snapshots = new(plan, weights, stopping, checkpoints);
        TrainingPosition? restored = snapshots.Restore();
        TrainingPosition start = restored ?? new() { Start = best.ObserveStart() };
        gradient.Pieces = start.Pieces;
        ReportContinuation(plan.Name, restored, training.Count, progress);
        long imagesBefore = ((long)start.Epoch * training.Count) + start.Images;
        BudgetSchedule limit = new(schedule, budget, training.Count, imagesBefore, secondsBefore, progress);
        LoopProgress images = new(plan, schedule, training.Count, imagesBefore, progress);
        OptimizerRestart restart = new(plan, weights, progress);
        return new(
            plan,
            start,
            weights,
            schedule,
            new EpochPass(plan, schedule, training, gradient, weights, limit, snapshots, images),
            best,
            stopping,
            limit,
            new DivergenceGuard(plan, weights, restart, Uniform(training, classCount), progress),
            new StallGuard(plan, schedule, restart, progress),
            snapshots,
            progress
        );
    }

    // Loss of answering every class alike, in nats.
    private static double Uniform(LabelledActivations training, int classCount) =>
        training.Labels.AreSets ? classCount * Math.Log(2) : Math.Log(classCount);

    private static void ReportContinuation(
        string phase,
        TrainingPosition? restored,
        int count,
        IProgress<TrainingEvent> progress
    )
    {
        if (restored is not null)
        {
            string where = $"epoch {restored.Epoch + 1} after {restored.Images} of {count} images";
            progress.Report(new Notice($"'{phase}' continues in {where}."));
        }
    }
}
