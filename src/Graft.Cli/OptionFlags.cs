using System.CommandLine;
using System.CommandLine.Parsing;

namespace Graft.Cli;

/// <summary>Names the flags of options, for messages about properties of the library's options.</summary>
internal static class OptionFlags
{
    private static readonly Dictionary<string, string> s_flags = new()
    {
        ["Body"] = "--body",
        ["Body.Weights"] = "--weights",
        ["Body.InputSize"] = "--size",
        ["Body.Fit"] = "--fit",
        ["Body.FeatureEdge"] = "--features",
        ["Body.InputTransform"] = "--input-recipe",
        ["Task"] = "--task",
        ["Data.Layout"] = "--layout",
        ["Data.SkipEmptyClasses"] = "--skip-empty-classes",
        ["Data.Encoding"] = "--encoding",
        ["Data.GroupBy"] = "--group-by",
        ["Data.CropBoxes"] = "--crop-boxes",
        ["Replace"] = "--replace",
        ["ContinueFrom"] = "--from",
        ["Effort"] = "--effort",
        ["ValidationShare"] = "--validation-share",
        ["TestShare"] = "--test-share",
        ["Views"] = "--views",
        ["FreshViews"] = "--views",
        ["Balance"] = "--balance",
        ["TargetAccuracy"] = "--target-accuracy",
        ["Budget"] = "--budget",
        ["MaxError"] = "--max-error",
        ["Threshold"] = "--threshold",
        ["WithNeighbours"] = "--with-neighbours",
        ["MaxLoss"] = "--max-loss",
        ["MustBeFaster"] = "--even-if-slower",
        ["RejectedLimit"] = "--rejected-limit",
        ["Seed"] = "--seed",
        ["Engine"] = "--engine",
        ["ActivationPrecision"] = "--rows",
        ["Threads"] = "--threads",
        ["DecodeThreads"] = "--decode-threads",
        ["CheckpointMinutes"] = "--checkpoint-minutes",
        ["Cache.IsOn"] = "--no-cache",
        ["Cache.LimitBytes"] = "--cache-limit",
        ["FeaturesFrom"] = "--features-from",
        ["UnitsFrom"] = "--from-units",
        ["MixedMachines"] = "--mixed-machines",
        ["Shard"] = "--shard",
        ["UnitImages"] = "--unit-images",
        ["Head.Pooling"] = "--pooling",
        ["Head.Hidden"] = "--head",
        ["Head.Dropout"] = "--dropout",
        ["Head.Start"] = "--start",
        ["HeadTraining.Epochs"] = "--head-epochs",
        ["HeadTraining.Optimizer"] = "--head-optimizer",
        ["HeadTraining.Rate"] = "--head-training-rate",
        ["HeadTraining.Batch"] = "--batch",
        ["FineTune.Train"] = "--train",
        ["FineTune.Search"] = "--search",
        ["FineTune.Epochs"] = "--epochs",
        ["FineTune.HeadRate"] = "--head-rate",
        ["FineTune.BodyRate"] = "--body-rate",
        ["FineTune.QuarterDecay"] = "--quarter-decay",
        ["FineTune.Loss"] = "--loss",
        ["FineTune.Unfreezing"] = "--unfreeze",
        ["FineTune.Batch"] = "--batch",
        ["FineTune.CoTuning"] = "--co-tuning",
        ["Port"] = "--port",
        ["ApiKey"] = "--api-key",
        ["Workers"] = "--workers",
        ["BatchSize"] = "--batch-size",
        ["QueueLength"] = "--queue",
        ["RequestBytes"] = "--request-bytes",
        ["BytesInFlight"] = "--request-bytes",
        ["Images"] = "--images",
        ["Timeout"] = "--timeout",
        ["RequestsPerSecond"] = "--requests-per-second",
        ["Limits.Image.FileBytes"] = "--limit file-bytes",
        ["Limits.Image.Pixels"] = "--limit pixels",
        ["Limits.Image.Side"] = "--limit side",
        ["Limits.Image.Memory"] = "--limit image-memory",
        ["Limits.Image.Time"] = "--limit decode-seconds",
        ["Limits.FolderDepth"] = "--limit folder-depth",
        ["Limits.ModelBytes"] = "--limit model-bytes",
        ["Limits.ModelNodes"] = "--limit model-nodes",
    };

    /// <summary>The flag of a property; the property itself where no flag sets it.</summary>
    public static string Of(string property) => s_flags.GetValueOrDefault(property, property);

    /// <summary>The flag of an option in parentheses, after a text; nothing where there is no option.</summary>
    public static string Hint(string? property) => property is null ? "" : $" ({Of(property)})";

    /// <summary>The properties that the flags of a command line set.</summary>
    public static IEnumerable<string> Properties(ParseResult parsed)
    {
        HashSet<string> given =
        [
            .. parsed.CommandResult.Command.Options.Where(parsed.IsGiven).Select(option => option.Name),
        ];
        return s_flags.Where(flag => given.Contains(flag.Value)).Select(flag => flag.Key);
    }

    /// <summary>The exception's message with flags for properties, and values as the user typed them.</summary>
    public static string Describe(OptionsException error, ParseResult parsed) =>
        string.Join("; ", error.Problems.Select(problem => Describe(problem, parsed)).Distinct());

    private static string Describe(OptionProblem problem, ParseResult parsed)
    {
        string flag = Of(problem.Property);
        OptionResult? given =
            parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == flag) is Option option
            && parsed.IsGiven(option)
                ? parsed.GetResult(option)
                : null;
        bool isTyped = problem.Value.Length > 0 && given is { Tokens.Count: 1 };
        return (isTyped ? problem with { Value = given!.Tokens[0].Value } : problem).Describe(
            given?.IdentifierToken?.Value ?? flag
        );
    }
}
