using System.CommandLine;

namespace Graft.Cli.Verbs;

/// <summary>What can be completed.</summary>
/// <param name="Verbs">All verbs, those below others too.</param>
internal sealed record CompletionTree(IReadOnlyList<CompletionVerbEntry> Verbs)
{
    /// <summary>The options that stand without a verb.</summary>
    public static IReadOnlyList<string> RootOptions { get; } = ["--help", "--version"];

    /// <summary>The verbs directly below a verb; those of the program for an empty name.</summary>
    public IEnumerable<CompletionVerbEntry> Below(string name) => Verbs.Where(verb => verb.Parent == name);

    public static CompletionTree Of(Command root) =>
        new([.. root.Subcommands.OfType<Verb>().SelectMany(verb => All(verb, ""))]);

    private static IEnumerable<CompletionVerbEntry> All(Verb verb, string parent)
    {
        CompletionVerbEntry entry = new(
            parent,
            verb.Name,
            HelpText.Summary(verb),
            [.. verb.Options.Where(option => !option.Hidden).Select(CompletionOption.Of)]
        );
        return verb.Subcommands.OfType<Verb>().SelectMany(sub => All(sub, entry.FullName)).Prepend(entry);
    }
}

/// <summary>One verb.</summary>
/// <param name="Parent">Full name of the verb above it; empty at the top.</param>
/// <param name="Summary">Its first sentence.</param>
internal sealed record CompletionVerbEntry(
    string Parent,
    string Name,
    string Summary,
    IReadOnlyList<CompletionOption> Options
)
{
    /// <summary>As it is typed after `graft`.</summary>
    public string FullName => Parent.Length == 0 ? Name : $"{Parent} {Name}";

    /// <summary>Names of the options, the one for help included.</summary>
    public IEnumerable<string> OptionNames => Options.Select(option => option.Name).Append("--help");
}

/// <summary>One option.</summary>
/// <param name="Values">The names that it takes; empty for a switch, a file or a number.</param>
/// <param name="TakesValue">False for a switch.</param>
/// <param name="Summary">The first clause of its description.</param>
internal sealed record CompletionOption(string Name, IReadOnlyList<string> Values, bool TakesValue, string Summary)
{
    public static CompletionOption Of(Option option)
    {
        string[] words = option.HelpName?.Split('|') ?? [];
        bool areNames = words.Length > 1 && words.All(word => word.All(char.IsAsciiLetterLower));
        string[] known = [.. words.Where(word => word.Length > 0 && word.All(char.IsAsciiLetterLower))];
        return new(
            option.Name,
            areNames || known.Length > 0 ? known : [],
            option.Arity.MaximumNumberOfValues > 0,
            (option.Description ?? "").Split([';', ':', '(', '['])[0].Trim()
        );
    }
}
