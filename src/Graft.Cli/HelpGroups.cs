using System.CommandLine;

namespace Graft.Cli;

/// <summary>The order in which the help of a verb with many options shows them.</summary>
internal static class HelpGroups
{
    /// <summary>The most options that a verb shows all at once.</summary>
    private const int MostShown = 20;

    /// <summary>The options that most users need, at most ten of each verb.</summary>
    private static readonly string[] s_usual =
    [
        "--body",
        "--from",
        "--effort",
        "--budget",
        "--epochs",
        "--max-error",
        "--seed",
        "--config",
        "--out",
        "--json",
    ];

    private static readonly (string Title, string[] Options)[] s_groups =
    [
        (
            "Data",
            [
                "--task",
                "--layout",
                "--skip-empty-classes",
                "--encoding",
                "--group-by",
                "--crop-boxes",
                "--views",
                "--balance",
                "--validation-share",
                "--test-share",
                "--rejected-limit",
                "--limit",
            ]
        ),
        ("Body", ["--weights", "--pull", "--size", "--features", "--input-recipe", "--fit"]),
        (
            "Head",
            ["--head", "--dropout", "--pooling", "--start", "--head-optimizer", "--head-epochs", "--head-training-rate"]
        ),
        (
            "Fine-tuning",
            [
                "--train",
                "--search",
                "--unfreeze",
                "--loss",
                "--batch",
                "--body-rate",
                "--head-rate",
                "--quarter-decay",
                "--co-tuning",
            ]
        ),
        ("Stopping", ["--target-accuracy", "--checkpoint-minutes"]),
        (
            "Machine",
            [
                "--engine",
                "--threads",
                "--decode-threads",
                "--rows",
                "--no-cache",
                "--cache-limit",
                "--workers",
                "--features-from",
                "--from-units",
                "--mixed-machines",
            ]
        ),
        ("Output", []),
    ];

    /// <summary>Whether the help of a verb shows only its usual options unless all are asked for.</summary>
    public static bool AreNeeded(Command verb) => verb.Options.Count(option => !option.Hidden) > MostShown;

    /// <summary>The usual options of a verb, in the order of the help; those that are required first.</summary>
    public static IEnumerable<Option> Usual(Command verb) =>
        [.. verb.Options.Where(IsOnlyRequired), .. Of(verb, s_usual)];

    /// <summary>The other options of a verb; what no group names belongs to its output.</summary>
    public static IEnumerable<(string Title, IEnumerable<Option> Options)> Others(Command verb)
    {
        HashSet<string> named = [.. s_usual, .. s_groups.SelectMany(group => group.Options)];
        IEnumerable<Option> rest = verb.Options.Where(option =>
            !option.Hidden && !named.Contains(option.Name) && !IsOnlyRequired(option)
        );
        return s_groups.Select(group => (group.Title, group.Options.Length == 0 ? rest : Of(verb, group.Options)));
    }

    private static bool IsOnlyRequired(Option option) => option.Required && !s_usual.Contains(option.Name);

    private static IEnumerable<Option> Of(Command verb, IEnumerable<string> names) =>
        names
            .Select(name => verb.Options.FirstOrDefault(option => option.Name == name && !option.Hidden))
            .OfType<Option>();
}
