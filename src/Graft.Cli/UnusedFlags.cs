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
            ["rates"],
            "--head-optimizer",
            line => !TuningFlags.TrainsHeadOnly(line.ValueOf("--train")),
            "it has no effect where layers of the body are trained; leave it out, or train the head alone with "
                + "'--train 0'"
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

    private static bool Has(this ParseResult parsed, string flag) => parsed.Find(flag) is not null;

    private static string? ValueOf(this ParseResult parsed, string flag) =>
        parsed.Find(flag) is { Tokens: [var token, ..] } ? token.Value : null;

    private static OptionResult? Find(this ParseResult parsed, string flag) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == flag) is Option option
        && parsed.GetResult(option) is { Implicit: false } result
            ? result
            : null;
}
