using System.CommandLine;
using System.CommandLine.Parsing;
using Graft.Cli.Verbs;
using Graft.Training;

namespace Graft.Cli;

/// <summary>
/// Flags that have no effect beside others, where they set no property of the library's options. The library knows the
/// rules of the others.
/// </summary>
internal static class UnusedFlags
{
    // The verbs, the flag, when it has no effect, and what is said then.
    private static readonly (string[] Verbs, string Flag, Func<ParseResult, bool> IsUnused, string Reason)[] s_rules =
    [
        (
            ["train", "probe"],
            "--pull",
            line => line.Has("--from"),
            "it has no effect beside '--from', whose model has its weights; leave it out"
        ),
        (
            ["train", "probe"],
            "--pull",
            line => line.Has("--weights"),
            "it has no effect beside '--weights'; leave one of the two out"
        ),
        (
            ["train", "probe"],
            "--pull",
            line => BodyName.IsFile(line.ValueOf("--body") ?? ""),
            "it has no effect on an ONNX file, which holds its own weights; leave it out"
        ),
        (
            ["train", "probe"],
            "--pull",
            line => line.Has(DryRun.OptionName),
            "it has no effect beside '--dry-run', which downloads nothing; leave one of the two out"
        ),
        (
            ["train", "probe"],
            "--verbose",
            line => line.Has(DryRun.OptionName),
            "it has no effect beside '--dry-run', which tries nothing; leave one of the two out"
        ),
        (
            ["bodies", "bodies list"],
            "--quiet",
            line => !line.Has("--measure"),
            "it has no effect on a list, which shows no progress; leave it out"
        ),
        (
            ["rates"],
            "--head-optimizer",
            line => !TuningFlags.TrainsHeadOnly(line.ValueOf("--train")),
            "it has no effect where layers of the body are trained; leave it out, or train the head alone with "
                + "'--train 0'"
        ),
        (
            ["train", "probe"],
            "--workers",
            line => !IsRepeated(line),
            "it has no effect on one training, which is not divided; give several seeds with '--seeds'"
        ),
        (
            ["train", "probe"],
            "--from-units",
            line => !IsRepeated(line),
            "it has no effect on one training, which is not divided; give several seeds with '--seeds'"
        ),
        (
            ["train", "probe"],
            "--workers",
            line => line.Has(DryRun.OptionName),
            "it has no effect beside '--dry-run', which trains nothing; leave one of the two out"
        ),
        (
            ["train", "probe"],
            "--from-units",
            line => line.Has(DryRun.OptionName),
            "it has no effect beside '--dry-run', which reads no results; leave one of the two out"
        ),
        (
            ["train"],
            "--tensorboard",
            line => line.Has("--workers") || line.Has("--from-units"),
            "it has no effect where other processes train; leave it out"
        ),
        (
            ["extract", "work"],
            "--shards",
            line => line.ValueOf("--shard") != ShardFlags.Automatic,
            "it has no effect unless the shard is found out; leave it out, or choose '--shard auto'"
        ),
        (
            ["evaluate"],
            "--group-by",
            line => line.ValueOf("--group-by") != DataOptions.ByFolder,
            "it has no effect on an evaluation, which splits nothing; leave it out"
        ),
        (
            ["data convert"],
            "--group-by",
            line =>
                line.ValueOf("--group-by") != DataOptions.ByFolder
                && "folders".Equals(line.ValueOf("--to") ?? "folders", StringComparison.OrdinalIgnoreCase),
            "it has no effect on folders, which record no groups; leave it out, or write csv or shards"
        ),
        (
            ["evaluate"],
            "--split-file",
            line => "all".Equals(line.ValueOf("--split"), StringComparison.OrdinalIgnoreCase),
            "it has no effect where '--split' takes all images; leave it out, or choose a part"
        ),
        (
            ["train", "probe", "resume", "evaluate"],
            "--verbose",
            line => line.Has("--quiet"),
            "it has no effect beside '--quiet'; leave one of the two out"
        ),
        (
            ["evaluate"],
            "--verbose",
            line => line.Has("--json"),
            "it has no effect beside '--json', which holds everything; leave it out"
        ),
        (
            ["export"],
            "--weight-bits",
            line => IsHalf(line),
            "it has no effect on float16; leave it out, or choose int8"
        ),
        (
            ["export"],
            "--even-if-slower",
            line => IsHalf(line),
            "it has no effect on float16, which is never refused for its speed; leave it out"
        ),
        .. new[]
        {
            "--split-file",
            "--task",
            "--layout",
            "--encoding",
            "--group-by",
            "--crop-boxes",
            "--skip-empty-classes",
        }.Select(flag =>
            (
                (string[])["export"],
                flag,
                (Func<ParseResult, bool>)(line => !line.Has("--images")),
                "it has no effect on the images of the run; leave it out, or name images with '--images'"
            )
        ),
    ];

    /// <summary>Each flag that the table has a rule for, with its verbs.</summary>
    public static IEnumerable<(string[] Verbs, string Flag)> Known => s_rules.Select(rule => (rule.Verbs, rule.Flag));

    /// <summary>One text for each flag without effect.</summary>
    public static IEnumerable<string> Find(ParseResult parsed) =>
        OfParents(parsed)
            .Concat(
                from rule in s_rules
                where parsed.CommandResult.Command is Verb verb && rule.Verbs.Contains(verb.FullName)
                where parsed.Has(rule.Flag) && rule.IsUnused(parsed)
                select $"'{rule.Flag}' cannot be used: {rule.Reason}"
            )
            .Distinct();

    // `graft cache --json clear`: an option of the verb above, which does not do its work.
    private static IEnumerable<string> OfParents(ParseResult parsed)
    {
        for (
            CommandResult? above = parsed.CommandResult.Parent as CommandResult;
            above is { Command: Verb verb };
            above = above.Parent as CommandResult
        )
        {
            foreach (Option option in verb.Options.Where(option => !option.Recursive && parsed.IsGiven(option)))
            {
                yield return $"'{option.Name}' cannot be used: it belongs to `graft {verb.FullName}` alone; write it "
                    + $"after `{parsed.CommandResult.Command.Name}` if that takes it, or leave it out";
            }
        }
    }

    private static bool IsRepeated(ParseResult training) => training.ValueOf("--seeds") is not (null or "1");

    private static bool IsHalf(ParseResult export) =>
        "float16".Equals(export.ValueOf("--precision"), StringComparison.OrdinalIgnoreCase);

    private static bool Has(this ParseResult parsed, string flag) => parsed.Find(flag) is not null;

    private static string? ValueOf(this ParseResult parsed, string flag) =>
        parsed.Find(flag) is { Tokens: [var token, ..] } ? token.Value : null;

    private static OptionResult? Find(this ParseResult parsed, string flag) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == flag) is Option option
        && parsed.GetResult(option) is { Implicit: false } result
            ? result
            : null;
}
