using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.FineTuning;

/// <summary>What the phases of a training are told, by its options and its number of images.</summary>
internal static class FineTuningPlans
{
    public const string WarmUpName = "warm up";
    public const string Name = "fine-tune";
    private const int WarmUpEpochs = 25;
    private const int ImagesToSee = 5250;
    private const int FewestEpochs = 4;
    private const int MostEpochs = 20;

    /// <summary>True where the options leave something to train beyond the probe.</summary>
    public static bool IsAsked(TrainingOptions options) => options.FineTune.Epochs != 0 || WarmUpEpochsOf(options) > 0;

    /// <summary>Where the trained part begins; null where the head alone is trained.</summary>
    /// <param name="cuts">Of the body, input first.</param>
    public static CutPoint? CutFor(IReadOnlyList<CutPoint> cuts, TrainingOptions options)
    {
        CutPoint cut = CutSelector.Choose(cuts, options.Train);
        return options.FineTune.Epochs == 0 || cut.ParametersAfter == 0 ? null : cut;
    }

    /// <summary>The body's rate where nothing is known of the data.</summary>
    public static double RateOf(FineTuneOptions fineTune) =>
        fineTune.BodyRate ?? ((fineTune.Optimizer == OptimizerKind.Sgd ? 0.01 : 0.0003) / PullsAtBody(fineTune));

    // Two losses pull at the body: a step as long as one alone would make. The head has one.
    private static double PullsAtBody(FineTuneOptions fineTune) =>
        fineTune.BodyRate is null ? 1 + (fineTune.CoTuning ?? 0) : 1;

    /// <summary>Of the trained layers' activations.</summary>
    public static TorchSharp.torch.ScalarType ComputeTypeOf(TrainingOptions options) =>
        options.Engine?.TrainsInBFloat16() == true
            ? TorchSharp.torch.ScalarType.BFloat16
            : TorchSharp.torch.ScalarType.Float32;

    public static int WarmUpEpochsOf(TrainingOptions options) =>
        options.HeadTraining.Epochs
        ?? (
            options.Head.Start == HeadStart.Random || options.Head.Layers.Count > 0 || options.FineTune.Epochs == 0
                ? WarmUpEpochs
                : 0
        );

    public static int EpochsOf(FineTuneOptions fineTune, int imageCount) =>
        fineTune.Epochs ?? Math.Clamp(ImagesToSee / Math.Max(1, imageCount), FewestEpochs, MostEpochs);

    /// <summary>
    /// Epochs of the longest phase; where the head is yet to be searched, of one with a hidden layer.
    /// </summary>
    public static int MostEpochsOf(TrainingOptions options, int imageCount) =>
        Math.Max(
            options.Head.IsSearched ? options.HeadTraining.Epochs ?? WarmUpEpochs : WarmUpEpochsOf(options),
            EpochsOf(options.FineTune, imageCount)
        );

    /// <summary>Of the head alone; null where there is none.</summary>
    public static EpochLoopPlan? WarmUp(FineTuningContext tuning)
    {
        TrainingOptions options = tuning.Options;
        double rate = options.HeadTraining.Rate
            ?? TailOptimizer.DefaultRate(options.HeadTraining.Optimizer, tuning.Extraction.FeatureCount);
        return WarmUpEpochsOf(options) == 0
            ? null
            : new()
            {
                Name = WarmUpName,
                AllowsHighLoss = true,
                // as in fine-tuning: smoothed labels punish the sure head that others leave behind, and tear the body
                LabelSmoothing = options.FineTune.LabelSmoothing,
                Epochs = WarmUpEpochsOf(options),
                Optimizer = options.HeadTraining.Optimizer,
                HeadRate = rate,
                BodyRate = rate,
                Batch = options.HeadTraining.Batch,
                WeightDecay = options.HeadTraining.WeightDecay,
                Seed = options.Seed,
                MaxRollbacks = options.FineTune.MaxSetbacks,
                TargetAccuracy = options.TargetAccuracy,
                GuessingLoss = FineTuning.GuessingLoss.Of(
                    tuning.Data.LabelsOf(tuning.Data.Everything),
                    tuning.Data.ClassCount,
                    options.FineTune.LabelSmoothing,
                    tuning.Data.Balance
                ),
                FeatureCount = tuning.Extraction.FeatureCount,
            };
    }

    /// <summary>Of the body from the setting's cut on.</summary>
    public static EpochLoopPlan FineTune(FineTuningContext tuning, Setting setting)
    {
        TrainingOptions options = tuning.Options;
        return new()
        {
            Name = Name,
            Cut = setting.Cut,
            ComputeType = ComputeTypeOf(options),
            Epochs = EpochsOf(options.FineTune, tuning.Data.Train.Count),
            Optimizer = options.FineTune.Optimizer,
            HeadRate = options.FineTune.HeadRate ?? (setting.Rate * PullsAtBody(options.FineTune)),
            BodyRate = setting.Rate,
            Batch = options.FineTune.Batch,
            WeightDecay = options.FineTune.WeightDecay,
            Seed = options.Seed,
            QuarterDecay = options.FineTune.QuarterDecay,
            // the probe's solution is a sure head
            LabelSmoothing = options.Head.Start == HeadStart.Probe ? 0 : options.FineTune.LabelSmoothing,
            WarmUpShare = options.FineTune.RampShare,
            EmaDecay = options.FineTune.AverageDecay,
            Patience = options.FineTune.Patience,
            MaxRollbacks = options.FineTune.MaxSetbacks,
            TargetAccuracy = options.TargetAccuracy,
            CoTuning = CoTuning.Of(tuning.Body, options),
        };
    }

    /// <summary>All phases in order: the warm-up, then the body, at once or step by step.</summary>
    /// <param name="setting">Null: the head alone is trained.</param>
    /// <param name="steps">The cuts at which the body is unfrozen, the setting's last.</param>
    public static List<EpochLoopPlan> All(FineTuningContext tuning, Setting? setting, IReadOnlyList<CutPoint> steps)
    {
        List<EpochLoopPlan> plans = [];
        if (WarmUp(tuning) is EpochLoopPlan warmUp)
        {
            plans.Add(warmUp);
        }

        if (setting is not null)
        {
            plans.AddRange(GradualUnfreezing.Divide(FineTune(tuning, setting), steps));
        }

        return plans;
    }
}
