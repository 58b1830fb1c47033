using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.Plans;

/// <summary>Resolves the options of the frozen part.</summary>
internal static class ExtractionPlans
{
    /// <summary>The plan of a training's extraction.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="body">The body, which decides what an open engine becomes.</param>
    /// <param name="cuts">The edges where the trained part may begin. Empty where only the head is trained.</param>
    /// <param name="randomViews">Random views of each training image.</param>
    /// <param name="trainCount">Number of training images; decides the number of epochs and so of fresh views.</param>
    public static ExtractionPlan Of(
        TrainingOptions options,
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        int randomViews,
        int trainCount
    ) =>
        new()
        {
            Pooling = options.Head.Pooling,
            Cuts = cuts,
            RandomViews = randomViews,
            FreshViews = options.FreshViews ? FineTuningPlanBuilder.MaxEpochsOf(options, trainCount) : 0,
            Engine = EngineSelection.Of(options.Engine, body),
            Format = FormatOf(options, body),
            DecodedType = FineTuningPlanBuilder.ComputeTypeOf(options),
            Seed = options.Seed,
            Threads = options.ExtractionThreads,
            ImageLimits = options.Limits.Image,
        };

    /// <summary>How the activations at the cuts are stored.</summary>
    public static ActivationFormat FormatOf(TrainingOptions options, OnnxModel body) =>
        ActivationFormats.Of(options.ActivationPrecision, EngineSelection.Of(options.Engine, body));

    /// <summary>Which layers are to be trained.</summary>
    public static CutRequest CutOf(TrainingOptions options) =>
        new(
            options.FineTune.Train,
            options.FineTune.Epochs != 0,
            options.FineTune.CoTuning is not null,
            options.FineTune is { Epochs: > 0 } or { Train.Share: not 0 }
        );
}
