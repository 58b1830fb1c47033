namespace Graft.Training;

/// <summary>
/// What a training trains, as far as its options decide it, and the reasons where a part is not trained. A network may
/// allow less.
/// </summary>
internal static class TrainedParts
{
    /// <summary>Why no layer of the body is trained; null where some are.</summary>
    public static string? WhyNoBody(TrainingOptions options) =>
        options.Effort == Effort.Quick
            ? NoEffect("with a quick effort, which trains nothing after the probe", "choose another effort")
        : options.FineTune.Epochs == 0 ? NoEffect("when fine-tuning has 0 epochs", "give it epochs")
        : options.FineTune.Train?.Share == 0
            ? NoEffect("when no layer of the body is trained", "train a part of the body")
        : null;

    /// <summary>Why head training does not run; null where it does, or a search may find that it must.</summary>
    public static string? WhyNoHeadTraining(TrainingOptions options) =>
        WhyNothing(options)
        ?? (
            options.HeadTraining.Epochs == 0 ? NoEffect("when head training has 0 epochs", "give it epochs")
            : options.HeadTraining.Epochs is null && !NeedsHeadTraining(options)
                ? NoEffect(
                    "on a linear head that needs no head training before fine-tuning",
                    "give head training epochs"
                )
            : null
        );

    /// <summary>Why nothing is trained after the probe; null where something is.</summary>
    public static string? WhyNothing(TrainingOptions options) =>
        WhyNoBody(options) is not string reason ? null
        : options.Effort == Effort.Quick ? reason
        : options.HeadTraining.Epochs == 0
            ? NoEffect("when nothing is trained after the probe", "give fine-tuning or head training epochs")
        : null;

    /// <summary>Why the head has no hidden layers; null where it has some, or a search may add one.</summary>
    public static string? WhyNoHiddenLayers(TrainingOptions options) =>
        WhyNothing(options)
        ?? (
            options.Head.Layers.Count > 0 || IsHeadSearched(options)
                ? null
                : NoEffect("on a head without hidden layers", "give the head hidden layers")
        );

    /// <summary>Why depth and rate are not searched; null where one of them is open.</summary>
    public static string? WhyNoSearch(TrainingOptions options) =>
        WhyNoBody(options)
        ?? (
            options.FineTune.BodyRate is not null
            && (options.FineTune.Train is not null || options.Head.Pooling == Pooling.Stages)
                ? NoEffect("when the trained part and the body's rate are given", "leave one of these open")
            : options.FineTune.Epochs == 1
                ? NoEffect("when fine-tuning has 1 epoch, which leaves none for trials", "give it more epochs")
            : null
        );

    /// <summary>A reason and its way out.</summary>
    /// <param name="when">When the option has no effect.</param>
    /// <param name="otherwise">What to do instead of leaving the option out.</param>
    public static string NoEffect(string when, string otherwise) =>
        $"it has no effect {when}; leave it out, or {otherwise}";

    private static bool NeedsHeadTraining(TrainingOptions options) =>
        options.Head.Start == HeadStart.Random
        || options.Head.Layers.Count > 0
        || IsHeadSearched(options)
        || WhyNoBody(options) is not null;

    private static bool IsHeadSearched(TrainingOptions options) =>
        options.Head.IsSearched && options.ContinueFrom is null;
}
