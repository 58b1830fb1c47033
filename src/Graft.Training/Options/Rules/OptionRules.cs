using Graft.Prediction;
using static Graft.Training.TrainedParts;

namespace Graft.Training;

/// <summary>
/// Every option that has no effect beside certain others. The options alone decide it, not the data or the network. A
/// value that says what happens anyway, such as 0 epochs where nothing is trained, is no problem.
/// </summary>
internal static class OptionRules
{
    private static readonly TrainingOptions s_defaults = new();

    /// <summary>The rules, in the order of the options.</summary>
    public static IReadOnlyList<OptionRule> All { get; } =
    [
        .. BodyRules(),
        new("Effort", _ => false, Effort),
        new("FreshViews", options => options.FreshViews, options => options.FreshViews ? WhyNothing(options) : null),
        .. HeadRules(),
        .. HeadTrainingRules(),
        .. FineTuningRules(),
        new("TargetAccuracy", options => options.TargetAccuracy is not null, WhyNothing),
        new("Budget", options => options.Budget is not null, Budget),
        new("Threshold", options => options.Threshold is not null, Threshold),
        new("ActivationPrecision", options => options.ActivationPrecision != default, WhyNoBody),
        Differs("CheckpointMinutes", options => options.CheckpointMinutes, WhyNothing),
        new(
            "MixedMachines",
            options => options.MixedMachines,
            options =>
                options.FeaturesFrom is null && options.UnitsFrom is null
                    ? NoEffect("without a store of features", "name one")
                    : null
        ),
    ];

    /// <summary>Adds a problem for each option that is set or given and has no effect.</summary>
    /// <param name="options">The options.</param>
    /// <param name="given">Paths of properties that count as set whatever their value is.</param>
    /// <param name="problems">Where the problems go.</param>
    public static void Check(TrainingOptions options, IReadOnlySet<string> given, OptionProblems problems)
    {
        foreach (OptionRule rule in All)
        {
            bool isSet = rule.IsSet(options) || given.Contains(rule.Property);
            if (isSet && rule.WhyNot(options) is string reason)
            {
                problems.Add(rule.Property, "", reason);
            }
        }
    }

    // What contradicts an earlier model is one problem of its own.
    private static OptionRule[] BodyRules() =>
        [
            new(
                "Body",
                _ => false,
                options =>
                    options.ContinueFrom is null
                        ? null
                        : NoEffect("when an earlier model is continued", "do not continue from one")
            ),
            new(
                "Body.InputSize",
                options => options.Body.InputSize is not null,
                options =>
                    options.ContinueFrom is null
                        ? null
                        : NoEffect(
                            "when an earlier model is continued, which fixes the size",
                            "do not continue from one"
                        )
            ),
        ];

    private static OptionRule[] HeadRules() =>
        [
            new("Head.Hidden", options => options.Head.Layers.Count > 0, Hidden),
            Differs("Head.Dropout", options => options.Head.Dropout, WhyNoHiddenLayers),
            new("Head.Start", options => options.Head.Start != default, WhyNothing),
        ];

    private static OptionRule[] HeadTrainingRules() =>
        [
            new(
                "HeadTraining.Epochs",
                options => options.HeadTraining.Epochs > 0,
                options => options.HeadTraining.Epochs > 0 ? WhyNothing(options) : null
            ),
            Differs("HeadTraining.Optimizer", options => options.HeadTraining.Optimizer, WhyNoHeadTraining),
            new("HeadTraining.Rate", options => options.HeadTraining.Rate is not null, WhyNoHeadTraining),
            Differs("HeadTraining.Batch", options => options.HeadTraining.Batch, HeadBatch),
            Differs("HeadTraining.WeightDecay", options => options.HeadTraining.WeightDecay, WhyNoHeadTraining),
        ];

    private static OptionRule[] FineTuningRules() =>
        [
            new("FineTune.Epochs", options => options.FineTune.Epochs > 0, Epochs),
            new("FineTune.Train", options => options.FineTune.Train is not null, Train),
            Differs("FineTune.Optimizer", options => options.FineTune.Optimizer, WhyNoBody),
            new("FineTune.HeadRate", options => options.FineTune.HeadRate is not null, WhyNoBody),
            new("FineTune.BodyRate", options => options.FineTune.BodyRate is not null, WhyNoBody),
            new("FineTune.Search", options => options.FineTune.Search != default, Search),
            Differs("FineTune.Unfreezing", options => options.FineTune.Unfreezing, WhyNoBody),
            Differs("FineTune.QuarterDecay", options => options.FineTune.QuarterDecay, WhyNoBody),
            new("FineTune.Loss", options => options.FineTune.Loss is not null, Loss),
            Differs("FineTune.LabelSmoothing", options => options.FineTune.LabelSmoothing, LabelSmoothing),
            Differs("FineTune.Batch", options => options.FineTune.Batch, Batch),
            Differs("FineTune.WeightDecay", options => options.FineTune.WeightDecay, WhyNoBody),
            Differs("FineTune.WarmUpShare", options => options.FineTune.WarmUpShare, WhyNoBody),
            Differs("FineTune.EmaDecay", options => options.FineTune.EmaDecay, WhyNoBody),
            Differs("FineTune.Patience", options => options.FineTune.Patience, WhyNoBody),
            Differs("FineTune.MaxRollbacks", options => options.FineTune.MaxRollbacks, WhyNothing),
            new("FineTune.CoTuning", options => options.FineTune.CoTuning is not null, WhyNoBody),
        ];

    private static OptionRule Differs<T>(
        string property,
        Func<TrainingOptions, T> value,
        Func<TrainingOptions, string?> whyNot
    ) => new(property, options => !Equals(value(options), value(s_defaults)), whyNot);

    private static string? Loss(TrainingOptions options) =>
        WhyNothing(options)
        ?? (
            options.Task == ClassificationTask.SingleLabel
            && options.FineTune.Loss is not (null or LabelLoss.CrossEntropy)
                ? NoEffect("where each image has exactly one label", "let images have several")
            : options.FineTune.Loss == LabelLoss.Auto ? WhyNoLossSearch(options)
            : null
        );

    private static string? WhyNoLossSearch(TrainingOptions options) =>
        WhyNoBody(options)
        ?? (
            options.FineTune.Search == SettingSearch.None ? NoEffect("without a search", "search for the setting")
            : options.FineTune.Epochs == 1 ? NoEffect("when fine-tuning has 1 epoch", "give it more epochs")
            : null
        );

    private static string? Threshold(TrainingOptions options) =>
        options.Task == ClassificationTask.SingleLabel && options.Threshold is not null
            ? NoEffect("where each image has exactly one label", "let images have several")
            : null;

    // It sets the number of views, what is trained and how deep the search is.
    private static string? Effort(TrainingOptions options) =>
        options.Views is null ? null
        : options is { Effort: Training.Effort.Quick, Views: > 0, FineTune.Epochs: 0, HeadTraining.Epochs: 0 }
            ? NoEffect("when the views are given and nothing is trained", "leave the views open")
        : options.Effort == Training.Effort.Best
        && (options.FineTune.Search != SettingSearch.Auto || WhyNoSearch(options) is not null)
            ? NoEffect("when the views are given and nothing is searched", "leave the views open")
        : null;

    private static string? Hidden(TrainingOptions options) =>
        options.Head.Hidden is { Count: 0 } ? null
        : WhyNothing(options) is string reason ? reason
        : options.Head.Hidden is null && options.Head.Start == HeadStart.Probe
            ? NoEffect("on a head that starts at the probe, which is linear", "choose another start")
        : options.Head.Hidden is null && options.ContinueFrom is not null
            ? NoEffect("when an earlier model is continued, whose head is kept", "name a head")
        : null;

    private static string? Epochs(TrainingOptions options) => options.FineTune.Epochs > 0 ? WhyNoBody(options) : null;

    private static string? Train(TrainingOptions options) =>
        options.FineTune.Train?.Share == 0 ? null : WhyNoBody(options);

    private static string? Search(TrainingOptions options) =>
        options.FineTune.Search == SettingSearch.None
        // a good effort searches deep by itself, and options.json records it so
        || (options.FineTune.Search == SettingSearch.Deep && options.Effort == Training.Effort.Best)
            ? null
            : WhyNoSearch(options);

    private static string? LabelSmoothing(TrainingOptions options) =>
        WhyNothing(options)
        ?? (
            options.Head.Start == HeadStart.Probe && WhyNoHeadTraining(options) is not null
                ? NoEffect("when the head starts at the probe and head training does not run", "choose another start")
                : null
        );

    // The command has one option for both batches.
    private static string? HeadBatch(TrainingOptions options) =>
        options.HeadTraining.Batch == options.FineTune.Batch && WhyNoBody(options) is null
            ? null
            : WhyNoHeadTraining(options);

    private static string? Batch(TrainingOptions options) =>
        options.HeadTraining.Batch == options.FineTune.Batch && WhyNoHeadTraining(options) is null
            ? null
            : WhyNoBody(options);

    private static string? Budget(TrainingOptions options)
    {
        int? views = options.Views ?? (options.Effort == Training.Effort.Quick ? 0 : null);
        return views == 0 && WhyNothing(options) is not null
            ? NoEffect("on a probe of the plain views, which is always completed", "train something after it")
            : null;
    }
}
