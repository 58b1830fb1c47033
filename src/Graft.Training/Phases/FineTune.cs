using Graft.Data;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Runs;

namespace Graft.Training.Phases;

/// <summary>The second kind of transfer learning: a new head, warmed up with the body frozen, then body layers trained with a small rate.</summary>
internal sealed class FineTune(
    TrainableBody body, CutPoint? cut, Extraction extraction, TrainingData data, TrainingOptions options, IProgress<TrainingEvent> progress, PhaseClock clock)
{
    private const int WarmUpEpochs = 25;
    private const double DefaultBodyRate = 0.003;

    /// <summary>True where the options leave something to train beyond the probe.</summary>
    public static bool IsAsked(TrainingOptions options) => options.FineTune.Epochs > 0 || WarmUpEpochsOf(options) > 0;

    /// <summary>Trains on some images, judged on others.</summary>
    /// <param name="probe">Fitted on <paramref name="training"/> alone.</param>
    public Candidate Run(ProbeResult probe, IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> validation, CancellationToken cancel)
    {
        OnnxModel network = NetworkFactory.WithHead(body, options.Head, probe, options.Seed);
        (PhaseOutcome Outcome, float[] Logits)? last = null;
        if (WarmUpEpochsOf(options) > 0)
        {
            last = clock.Run("warm up", $"{WarmUpEpochsOf(options)} epochs of the head by {options.WarmUp.Optimizer}, the body frozen",
                () => Learner.Run(network, HeadBuilder.Features, body.InputShape, WarmUpPlan(), Rows(extraction.Features, training), Rows(extraction.Features, validation), progress, cancel), Describe);
        }

        if (options.FineTune.Epochs > 0 && cut is not null && !cancel.IsCancellationRequested)
        {
            last = clock.Run("fine-tune", $"{options.FineTune.Epochs} epochs from '{cut.Edge}' on ({cut.ShareAfter:P0} of the body's cost), {training.Count} images in {extraction.Views} views",
                () => Learner.Run(network, cut.Edge, body.InputShape, FineTunePlan(), Rows(extraction.Cut!, training), Rows(extraction.Cut!, validation), progress, cancel), Describe);
        }

        (PhaseOutcome outcome, float[] logits) = last ?? throw new InvalidOperationException("nothing was asked for");
        return new("fine-tuned", network, outcome.Best, logits, outcome.Reason);
    }

    private static int WarmUpEpochsOf(TrainingOptions options) =>
        options.WarmUp.Epochs ?? (NetworkFactory.StartsComplete(options.Head) ? 0 : WarmUpEpochs);

    private static string Describe((PhaseOutcome Outcome, float[] Logits) result) =>
        $"validation accuracy {result.Outcome.Start.Accuracy:P1} before, {result.Outcome.Best.Accuracy:P1} after (epoch {result.Outcome.BestEpoch}); {result.Outcome.Reason}";

    private LabelledRows Rows(IRowSource source, IReadOnlyList<LabelledImage> images) => extraction.Rows(source, data, images);

    private PhasePlan WarmUpPlan()
    {
        double rate = options.WarmUp.Rate ?? TailOptimizer.DefaultRate(options.WarmUp.Optimizer);
        return new()
        {
            Name = "warm up",
            Epochs = WarmUpEpochsOf(options),
            Optimizer = options.WarmUp.Optimizer,
            HeadRate = rate,
            BodyRate = rate,
            Batch = options.WarmUp.Batch,
            WeightDecay = options.WarmUp.WeightDecay,
            Seed = options.Seed,
            MaxSetbacks = options.FineTune.MaxSetbacks,
            TargetAccuracy = options.TargetAccuracy,
        };
    }

    private PhasePlan FineTunePlan()
    {
        double rate = options.FineTune.BodyRate ?? DefaultBodyRate;
        return new()
        {
            Name = "fine-tune",
            Epochs = options.FineTune.Epochs,
            Optimizer = options.FineTune.Optimizer,
            HeadRate = options.FineTune.HeadRate ?? rate,
            BodyRate = rate,
            Batch = options.FineTune.Batch,
            WeightDecay = options.FineTune.WeightDecay,
            Seed = options.Seed,
            LayerDecay = options.FineTune.LayerDecay,
            RampShare = options.FineTune.RampShare,
            AverageDecay = options.FineTune.AverageDecay,
            Patience = options.FineTune.Patience,
            MaxSetbacks = options.FineTune.MaxSetbacks,
            TargetAccuracy = options.TargetAccuracy,
        };
    }
}
