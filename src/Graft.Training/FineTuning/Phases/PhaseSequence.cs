using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>Phases one after the other, each from the weights that the one before has left.</summary>
internal sealed class PhaseSequence(FineTuningContext tuning)
{
    private const double SameLoss = 1.05;

    /// <summary>
    /// Runs the phases; gives their plans back with what was best, for training without validation images.
    /// </summary>
    /// <param name="share">Of the time budget that is left.</param>
    public (List<EpochLoopPlan> Plans, EpochLoopResult Outcome, float[] Logits) Run(
        OnnxModel network,
        IReadOnlyList<EpochLoopPlan> plans,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> validation,
        CancellationToken cancel,
        double share = 1
    )
    {
        TimeBudget budget = tuning.Budget.Share(share);
        (EpochLoopResult Outcome, float[] Logits)? last = null;
        List<EpochLoopPlan> repeated = [];
        int spare = 0;
        for (int i = 0; i < plans.Count && (last is null || !cancel.IsCancellationRequested); i++)
        {
            EpochLoopPlan plan = plans[i] with { Epochs = plans[i].Epochs + (plans[i].Cut is null ? 0 : spare) };
            // warming up leaves time for what it is for
            TimeBudget own = i == plans.Count - 1 ? budget : budget.Share(0.5);
            (EpochLoopResult Outcome, float[] Logits) done = tuning.Clock.Run(
                plan.Name,
                Detail(plan, training.Count),
                () => Learn(network, plan, training, validation, own, cancel),
                Describe
            );
            bool isJudged = plan.ValidatesEpochs && validation.Count > 0;
            // of a step that was unfrozen and has learnt all it can
            spare = isJudged && plan.Cut is not null ? Math.Max(0, plan.Epochs - done.Outcome.LastEpoch) : 0;
            repeated.Add(Repeated(plan, done.Outcome));
            last = done;
        }

        return (repeated, last!.Value.Outcome, last.Value.Logits);
    }

    private (EpochLoopResult Outcome, float[] Logits) Learn(
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
        return TailTrainer.Run(
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
    }

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

    private string Detail(EpochLoopPlan plan, int imageCount) =>
        FormattableString.Invariant(
            $"{plan.Epochs} {(plan.Epochs == 1 ? "epoch" : "epochs")} of {imageCount} images in {(tuning.Extraction.FreshViews > 0 ? "a new view each" : $"{tuning.Extraction.Views} views")} by {plan.Optimizer} at a rate of {plan.BodyRate:0.#######}, "
        )
        + (
            plan.Cut is null
                ? "the body frozen"
                : $"from '{plan.Cut.Edge}' on ({plan.Cut.ShareAfter:P0} of the body's cost)"
        );

    private static string Describe((EpochLoopResult Outcome, float[] Logits) result) =>
        (
            result.Logits.Length == 0 || result.Outcome.Last == result.Outcome.Start
                ? ""
                : $"validation accuracy {result.Outcome.Start.Accuracy:P1} before, {result.Outcome.Best.Accuracy:P1} after (epoch {result.Outcome.BestEpoch}); "
        ) + result.Outcome.Reason;
}
