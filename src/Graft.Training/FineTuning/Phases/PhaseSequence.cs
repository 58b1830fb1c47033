using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>Runs phases one after the other. Each starts from the weights of the one before.</summary>
internal sealed class PhaseSequence(FineTuningContext tuning)
{
    private const double SameLoss = 1.05;
    private const double EarlierPhaseShare = 0.5; // of the time budget; the rest is for the phases that follow

    /// <summary>Trains a network.</summary>
    /// <param name="network">Body and head, down to the logits. Its weights change.</param>
    /// <param name="plans">The phases.</param>
    /// <param name="training">The training images.</param>
    /// <param name="validation">The validation images; may be empty.</param>
    /// <param name="cancel">Ends the phases early.</param>
    /// <param name="budgetShare">Share (0..1) of the remaining time budget that the phases may take.</param>
    public PhasesResult Run(
        OnnxModel network,
        IReadOnlyList<EpochLoopPlan> plans,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> validation,
        CancellationToken cancel,
        double budgetShare = 1
    )
    {
        TimeBudget budget = tuning.Budget.Share(budgetShare);
        PhaseResult? last = null;
        List<EpochLoopPlan> repeated = [];
        int spareEpochs = 0; // that the step before did not need
        for (int i = 0; i < plans.Count && (last is null || !cancel.IsCancellationRequested); i++)
        {
            EpochLoopPlan plan = plans[i];
            plan = plan with { Epochs = plan.Epochs + (plan.Cut is null ? 0 : spareEpochs) };
            TimeBudget own = i == plans.Count - 1 ? budget : budget.Share(EarlierPhaseShare);
            last = tuning.Clock.Run(
                plan.Name,
                Describe(plan, training.Count),
                () => Train(network, plan, training, validation, own, cancel),
                done => done.Summary
            );
            bool isStep = plan.Cut is not null && plan.ValidatesEpochs && validation.Count > 0;
            spareEpochs = isStep ? Math.Max(0, plan.Epochs - last.Result.LastEpoch) : 0;
            repeated.Add(Repeated(plan, last.Result));
        }

        return last is null
            ? throw new ArgumentException("there is no phase", nameof(plans))
            : new(repeated, last.Result, last.Logits);
    }

    private PhaseResult Train(
        OnnxModel network,
        EpochLoopPlan plan,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> validation,
        TimeBudget budget,
        CancellationToken cancel
    )
    {
        FeatureView extraction = tuning.Extraction;
        IActivationSource source = plan.Cut is null ? extraction.FeatureMatrix : extraction.At(plan.Cut);
        (EpochLoopResult result, float[] logits) = TailTrainer.Run(
            network,
            plan.Cut?.Edge ?? HeadBuilder.Features,
            tuning.Body.InputShape,
            plan,
            extraction.Rows(source, tuning.Data, training),
            extraction.Rows(source, tuning.Data, validation),
            tuning.Progress,
            cancel,
            tuning.Checkpoints,
            budget
        );
        return new(result, logits, plan.Task);
    }

    // The phase as it is repeated without validation images.
    private static EpochLoopPlan Repeated(EpochLoopPlan plan, EpochLoopResult found) =>
        plan with
        {
            Epochs = found.ScheduledEpochs ?? plan.Epochs,
            Optimizer = found.Optimizer,
            HeadRate = found.HeadRate * found.RateScale,
            BodyRate = plan.BodyRate * found.RateScale,
            StopAfter = found.Last.Loss <= SameLoss * found.Best.Loss ? found.LastEpoch : found.BestEpoch,
            EndsWithEma = found.BestIsEma,
        };

    private string Describe(EpochLoopPlan plan, int imageCount)
    {
        string epochs = plan.Epochs == 1 ? "1 epoch" : $"{plan.Epochs} epochs";
        FeatureView extraction = tuning.Extraction;
        string views = extraction.FreshViews > 0 ? "a new view each" : $"{extraction.Views} views";
        string rate = FormattableString.Invariant($"{plan.Optimizer} at a rate of {plan.BodyRate:0.#######}");
        string part = plan.Cut is null
            ? "the body frozen"
            : $"from '{plan.Cut.Edge}' on ({plan.Cut.ShareAfter:P0} of the body's cost)";
        return $"{epochs} of {imageCount} images in {views} by {rate}, {part}";
    }

    private sealed record PhaseResult(EpochLoopResult Result, float[] Logits, ClassificationTask Task)
    {
        public string Summary => (WasScored ? Scores : "") + Result.Reason;

        private bool WasScored => Logits.Length > 0 && Result.Last != Result.Start;

        private string Scores =>
            $"validation {MeasureName.Of(Task)} {Result.Start.Accuracy:P1} before, {Result.Best.Accuracy:P1} after "
            + $"(epoch {Result.BestEpoch}); ";
    }
}
