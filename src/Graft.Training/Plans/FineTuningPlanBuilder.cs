using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Probe;
using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.Plans;

/// <summary>Resolves the options of everything that is trained after the probe.</summary>
internal static class FineTuningPlanBuilder
{
    private const int HeadEpochs = 25;
    private const int ImagesToSee = 5250;
    private const int MinEpochs = 4;
    private const int MaxEpochs = 20;

    /// <summary>True where the options leave something to train after the probe.</summary>
    public static bool IsNeeded(TrainingOptions options) => options.FineTune.Epochs != 0 || HeadEpochsOf(options) > 0;

    /// <summary>The plan of a run.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="head">The head that the search found. Null: the options' head.</param>
    /// <param name="body">The body.</param>
    /// <param name="data">The images of the run; their number decides the number of epochs.</param>
    /// <param name="featureCount">Features that the head sees; decides its default rate.</param>
    public static FineTuningPlan Of(
        TrainingOptions options,
        HeadSearchResult? head,
        TrainableBody body,
        TrainingData data,
        int featureCount
    )
    {
        options = ForTask(head is null ? options : WithHead(options, head), data);
        return new()
        {
            Seed = options.Seed,
            Head = options.Head,
            HeadTraining = HeadEpochsOf(options) == 0 ? null : HeadTrainingOf(options, data, featureCount),
            Body = BodyOf(options, body, data),
            TrainsAnew = options.Effort == Effort.Best,
            HeadRate = options.FineTune.HeadRate,
            HeadRateFactor = LossCount(options.FineTune),
        };
    }

    /// <summary>
    /// What is searched before the head is trained. Null: the options name a head, or none is trained.
    /// </summary>
    public static HeadSearchPlan? HeadSearchOf(TrainingOptions options)
    {
        double dropout = options.Head.Dropout;
        return options.Head.IsSearched && options.ContinueFrom is null && IsNeeded(options)
            ? new(options.Seed, dropout == new HeadOptions().Dropout ? [0, dropout] : [dropout])
            : null;
    }

    /// <summary>How deep the body may be trained.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="body">The network.</param>
    /// <param name="cuts">Edges where the trained part may begin, input first.</param>
    /// <param name="cut">The default among them. Null: only the head is trained.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="views">Random views of each training image.</param>
    public static DepthPlan DepthOf(
        TrainingOptions options,
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        CutPoint? cut,
        TrainingData data,
        int views
    )
    {
        (IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> heldOut) = ValidationScheme
            .Of(data, ProbePlans.Of(options))
            .FirstParts;
        DepthRequest request = new()
        {
            Search = options.FineTune.Search,
            Unfreezing = options.FineTune.Unfreezing,
            Rate = BodyRateOf(options.FineTune),
            Loss = LossOf(options.FineTune),
            TriesLosses = data.Task == ClassificationTask.MultiLabel && TriesLosses(options),
            HasFixedRate = options.FineTune.BodyRate is not null,
            // a head that sees the ends of several stages needs them all behind the cut
            HasFixedCut = options.FineTune.Train is not null || options.Head.Pooling == Pooling.Stages,
            HasTimeBudget = options.Budget is not null,
            Epochs = EpochsOf(options.FineTune, data.Train.Count),
            TrainingCount = training.Count,
            ValidationCount = heldOut.Count,
        };
        return DepthPlan.Of(body, cuts, cut, data, views, request);
    }

    /// <summary>Type in which the trained layers compute.</summary>
    public static torch.ScalarType ComputeTypeOf(TrainingOptions options) =>
        options.Engine?.TrainsInBFloat16() == true ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;

    /// <summary>Epochs of fine-tuning: by default fewer for more images.</summary>
    /// <param name="fineTune">The options of fine-tuning.</param>
    /// <param name="imageCount">Number of training images.</param>
    public static int EpochsOf(FineTuneOptions fineTune, int imageCount) =>
        fineTune.Epochs ?? Math.Clamp(ImagesToSee / Math.Max(1, imageCount), MinEpochs, MaxEpochs);

    /// <summary>Epochs of the longest phase. Where the head is yet to be searched, it may get a hidden layer.</summary>
    public static int MaxEpochsOf(TrainingOptions options, int imageCount) =>
        Math.Max(
            options.Head.IsSearched ? options.HeadTraining.Epochs ?? HeadEpochs : HeadEpochsOf(options),
            EpochsOf(options.FineTune, imageCount)
        );

    /// <summary>The options with the head that was found. The penalty of the body stays.</summary>
    internal static TrainingOptions WithHead(TrainingOptions options, HeadSearchResult head) =>
        head.Hidden is not HiddenHead hidden
            ? options with
            {
                Head = options.Head with { Hidden = [] },
            }
            : options with
            {
                Head = options.Head with
                {
                    Hidden = [hidden.Width],
                    Dropout = hidden.Dropout,
                    ScalesEach = hidden.ScalesEach,
                },
                HeadTraining = options.HeadTraining with { WeightDecay = hidden.WeightDecay },
            };

    /// <summary>
    /// Smoothed labels are the default of a softmax only: where an image may have several labels, they are smoothed if
    /// the options name another share.
    /// </summary>
    private static TrainingOptions ForTask(TrainingOptions options, TrainingData data)
    {
        bool isUsual = options.FineTune.LabelSmoothing == new FineTuneOptions().LabelSmoothing;
        return data.Task == ClassificationTask.MultiLabel && isUsual
            ? options with
            {
                FineTune = options.FineTune with { LabelSmoothing = 0 },
            }
            : options;
    }

    private static LabelLoss LossOf(FineTuneOptions fineTune) =>
        fineTune.Loss == LabelLoss.Asymmetric ? LabelLoss.Asymmetric : LabelLoss.CrossEntropy;

    private static bool TriesLosses(TrainingOptions options) =>
        (options.FineTune.Loss ?? (options.Effort == Effort.Best ? LabelLoss.Auto : default)) == LabelLoss.Auto;

    private static int HeadEpochsOf(TrainingOptions options)
    {
        HeadOptions head = options.Head;
        bool isBodyFrozen = options.FineTune.Epochs == 0 || options.FineTune.Train?.Share == 0;
        bool needsTraining = head.Start == HeadStart.Random || head.Layers.Count > 0 || isBodyFrozen;
        return options.HeadTraining.Epochs ?? (needsTraining ? HeadEpochs : 0);
    }

    private static double BodyRateOf(FineTuneOptions fineTune) =>
        fineTune.BodyRate ?? ((fineTune.Optimizer == OptimizerKind.Sgd ? 0.01 : 0.0003) / LossCount(fineTune));

    // With co-tuning two losses pull at the body, which takes a step as long as one alone would. The head has one loss.
    private static double LossCount(FineTuneOptions fineTune) =>
        fineTune.BodyRate is null ? 1 + (fineTune.CoTuning ?? 0) : 1;

    private static EpochLoopPlan HeadTrainingOf(TrainingOptions options, TrainingData data, int featureCount)
    {
        HeadTrainingOptions training = options.HeadTraining;
        double rate = training.Rate ?? TailOptimizer.DefaultRate(training.Optimizer, featureCount);
        // as in fine-tuning: smoothed labels punish the sure head that others leave behind, and tear the body
        double smoothing = options.FineTune.LabelSmoothing;
        return new()
        {
            Name = PhaseNames.HeadTraining,
            AllowsHighLoss = true,
            LabelSmoothing = smoothing,
            Epochs = HeadEpochsOf(options),
            Optimizer = training.Optimizer,
            HeadRate = rate,
            BodyRate = rate,
            Batch = training.Batch,
            WeightDecay = training.WeightDecay,
            Seed = options.Seed,
            MaxRollbacks = options.FineTune.MaxRollbacks,
            Task = data.Task,
            Loss = LossOf(options.FineTune),
            TargetAccuracy = options.TargetAccuracy,
            GuessingLoss = GuessingLoss.Of(
                data.TrueLabelsOf(data.Everything),
                data.ClassCount,
                smoothing,
                data.Balance
            ),
            FeatureCount = featureCount,
        };
    }

    private static EpochLoopPlan BodyOf(TrainingOptions options, TrainableBody body, TrainingData data)
    {
        FineTuneOptions fineTune = options.FineTune;
        double rate = BodyRateOf(fineTune);
        return new()
        {
            Name = PhaseNames.FineTuning,
            ComputeType = ComputeTypeOf(options),
            Epochs = EpochsOf(fineTune, data.Train.Count),
            Optimizer = fineTune.Optimizer,
            HeadRate = rate,
            BodyRate = rate,
            Batch = fineTune.Batch,
            WeightDecay = fineTune.WeightDecay,
            Seed = options.Seed,
            QuarterDecay = fineTune.QuarterDecay,
            // the probe's solution is a sure head
            LabelSmoothing = options.Head.Start == HeadStart.Probe ? 0 : fineTune.LabelSmoothing,
            WarmUpShare = fineTune.WarmUpShare,
            EmaDecay = fineTune.EmaDecay,
            Patience = fineTune.Patience,
            MaxRollbacks = fineTune.MaxRollbacks,
            Task = data.Task,
            Loss = LossOf(fineTune),
            TargetAccuracy = options.TargetAccuracy,
            CoTuning = CoTuning.Of(body, fineTune.CoTuning),
        };
    }
}
