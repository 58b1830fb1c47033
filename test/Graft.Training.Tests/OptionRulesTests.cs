using Graft.Prediction;

namespace Graft.Training.Tests;

public sealed class OptionRulesTests
{
    private static readonly TrainingOptions s_quick = new() { Effort = Effort.Quick };
    private static readonly TrainingOptions s_headOnly = new() { FineTune = new() { Epochs = 0 } };
    private static readonly TrainingOptions s_linear = new() { Head = new() { Hidden = [] } };

    // For each property: options in which it has an effect, and others in which it has none.
    private static readonly Dictionary<string, (TrainingOptions Used, TrainingOptions Unused)> s_cases = new()
    {
        ["Body"] = (new(), new() { ContinueFrom = "m.onnx" }),
        ["Body.InputSize"] = Both(new() { ContinueFrom = "m.onnx" }, one =>
            one with
            {
                Body = one.Body with { InputSize = 96 },
            }
        ),
        ["Effort"] = (new() { Effort = Effort.Best, Views = 2 }, s_headOnly with { Effort = Effort.Best, Views = 2 }),
        ["FreshViews"] = Both(s_quick, one => one with { FreshViews = true }),
        ["Head.Hidden"] = Both(s_quick, one => one with { Head = new() { Hidden = [8] } }),
        ["Head.Dropout"] = Both(s_linear, one => one with { Head = one.Head with { Dropout = 0.1 } }),
        ["Head.Start"] = Both(s_quick, one => one with { Head = new() { Start = HeadStart.Random } }),
        ["HeadTraining.Epochs"] = Both(s_quick, one => one with { HeadTraining = new() { Epochs = 3 } }),
        ["HeadTraining.Optimizer"] = Both(s_linear, one =>
            one with
            {
                HeadTraining = new() { Optimizer = OptimizerKind.Adam },
            }
        ),
        ["HeadTraining.Rate"] = Both(s_linear, one => one with { HeadTraining = new() { Rate = 0.1 } }),
        ["HeadTraining.Batch"] = Both(s_linear, one => one with { HeadTraining = new() { Batch = 8 } }),
        ["HeadTraining.WeightDecay"] = Both(s_linear, one => one with { HeadTraining = new() { WeightDecay = 0 } }),
        ["FineTune.Epochs"] = Both(s_quick, one => one with { FineTune = new() { Epochs = 3 } }),
        ["FineTune.Train"] = Tuned(one => one with { Train = TrainedPart.Whole }),
        ["FineTune.Optimizer"] = Tuned(one => one with { Optimizer = OptimizerKind.Adam }),
        ["FineTune.HeadRate"] = Tuned(one => one with { HeadRate = 0.1 }),
        ["FineTune.BodyRate"] = Tuned(one => one with { BodyRate = 0.1 }),
        ["FineTune.Search"] = Tuned(one => one with { Search = SettingSearch.Deep }),
        ["FineTune.Unfreezing"] = Tuned(one => one with { Unfreezing = Unfreezing.Progressive }),
        ["FineTune.QuarterDecay"] = Tuned(one => one with { QuarterDecay = 1 }),
        ["FineTune.LabelSmoothing"] = Both(s_quick, one => one with { FineTune = new() { LabelSmoothing = 0 } }),
        ["FineTune.Loss"] = Both(s_quick, one => one with { FineTune = new() { Loss = LabelLoss.Asymmetric } }),
        ["FineTune.Batch"] = Tuned(one => one with { Batch = 8 }),
        ["FineTune.WeightDecay"] = Tuned(one => one with { WeightDecay = 0 }),
        ["FineTune.WarmUpShare"] = Tuned(one => one with { WarmUpShare = 0 }),
        ["FineTune.EmaDecay"] = Tuned(one => one with { EmaDecay = 0 }),
        ["FineTune.Patience"] = Tuned(one => one with { Patience = 2 }),
        ["FineTune.MaxRollbacks"] = Both(s_quick, one => one with { FineTune = new() { MaxRollbacks = 0 } }),
        ["FineTune.CoTuning"] = Tuned(one => one with { CoTuning = 2 }),
        ["TargetAccuracy"] = Both(s_quick, one => one with { TargetAccuracy = 0.9 }),
        ["Budget"] = Both(s_quick, one => one with { Budget = TimeSpan.FromMinutes(1) }),
        ["Threshold"] = Both(new() { Task = ClassificationTask.SingleLabel }, one =>
            one with
            {
                Threshold = LabelThreshold.At(0.5),
            }
        ),
        ["MixedMachines"] = (
            new() { MixedMachines = true, FeaturesFrom = "store" },
            new() { MixedMachines = true }
        ),
        ["ActivationPrecision"] = Both(s_headOnly, one => one with { ActivationPrecision = ActivationPrecision.Int8 }),
        ["CheckpointMinutes"] = Both(s_quick, one => one with { CheckpointMinutes = 1 }),
    };

    public static TheoryData<string> Properties => [.. OptionRules.All.Select(rule => rule.Property)];

    [Theory]
    [MemberData(nameof(Properties))]
    public void An_option_is_refused_only_where_it_has_no_effect(string property)
    {
        (TrainingOptions used, TrainingOptions unused) = s_cases[property];

        used.Validate([property]);
        OptionsException error = Assert.Throws<OptionsException>(() => unused.Validate([property]));
        Assert.Equal(property, Assert.Single(error.Problems).Property);
        Assert.Contains("it has no effect", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SettingSearch.None, null)]
    [InlineData(SettingSearch.Auto, 1)]
    [InlineData(SettingSearch.Auto, 0)]
    public void A_loss_that_validation_would_choose_is_refused_where_nothing_is_tried(SettingSearch search, int? epochs)
    {
        TrainingOptions options = new()
        {
            FineTune = new()
            {
                Loss = LabelLoss.Auto,
                Search = search,
                Epochs = epochs,
            },
        };

        OptionsException error = Assert.Throws<OptionsException>(() => options.Validate());

        Assert.Equal("FineTune.Loss", Assert.Single(error.Problems).Property);
    }

    [Fact]
    public void A_default_value_is_refused_only_where_it_was_given()
    {
        s_linear.Validate();

        Assert.Throws<OptionsException>(() => s_linear.Validate(["Head.Dropout"]));
    }

    [Fact]
    public void A_body_has_its_own_weights_or_its_own_input_transform()
    {
        TrainingOptions file = new() { Body = BodySource.OnnxFile("a.onnx") with { Weights = "w.pth" } };
        BodySource named = BodySource.Named("resnet18") with { InputTransform = "half" };

        Assert.StartsWith("'Body.Weights' cannot be used", Problem(file.Validate), StringComparison.Ordinal);
        Assert.StartsWith(
            "'Body.InputTransform' cannot be used",
            Problem(() => FeatureExtractor.Create(named)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_limit_of_a_cache_that_is_off_is_refused() =>
        Assert.StartsWith(
            "'Cache.LimitBytes' cannot be used",
            Problem(
                new FeatureOptions
                {
                    Cache = new() { IsOn = false, LimitBytes = 1 << 30 },
                }.Validate
            ),
            StringComparison.Ordinal
        );

    private static string Problem(Action check) => Assert.Throws<OptionsException>(check).Message;

    private static (TrainingOptions Used, TrainingOptions Unused) Both(
        TrainingOptions unused,
        Func<TrainingOptions, TrainingOptions> set
    ) => (set(new()), set(unused));

    private static (TrainingOptions Used, TrainingOptions Unused) Tuned(Func<FineTuneOptions, FineTuneOptions> set) =>
        (
            new() { FineTune = set(new()) },
            s_headOnly with
            {
                HeadTraining = new() { Batch = 16 },
                FineTune = set(s_headOnly.FineTune),
            }
        );
}
