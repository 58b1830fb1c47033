using System.CommandLine;
using System.CommandLine.Parsing;
using Graft.Infrastructure;

namespace Graft.Cli;

/// <summary>Says what is wrong with a command line, and what may have been meant.</summary>
internal static class UsageProblem
{
    // What other programs call the options.
    private static readonly Dictionary<string, string> s_otherWords = new()
    {
        ["csv"] = "json",
        ["format"] = "json",
        ["output"] = "out",
        ["output-dir"] = "out",
        ["model"] = "body",
        ["backbone"] = "body",
        ["network"] = "body",
        ["lr"] = "body-rate",
        ["learning-rate"] = "body-rate",
        ["batch-size"] = "batch",
        ["img-size"] = "size",
        ["imgsz"] = "size",
        ["jobs"] = "threads",
        ["workers"] = "threads",
        ["augment"] = "views",
        ["time"] = "budget",
    };

    /// <summary>One line; null where nothing is wrong.</summary>
    public static string? Find(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command is not Verb verb)
        {
            return parsed.UnmatchedTokens.Count == 0
                ? "no verb was given"
                : UnknownVerb(command, parsed.UnmatchedTokens[0]);
        }

        if (OptionLikeValue(parsed) is string like)
        {
            return Unmatched(verb, like);
        }

        if (parsed.UnmatchedTokens.Count > 0)
        {
            string first = parsed.UnmatchedTokens.FirstOrDefault(IsOptionLike) ?? parsed.UnmatchedTokens[0];
            return Unmatched(verb, first);
        }

        return parsed.Errors.Count == 0 ? null : string.Join("; ", parsed.Errors.Select(Describe).Distinct());
    }

    // An option that there is not stands where a file or another option's value is expected. After `--` it is a name.
    private static string? OptionLikeValue(ParseResult parsed)
    {
        IEnumerable<Token> typed = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash);
        IEnumerable<Token> values = parsed.CommandResult.Children.SelectMany(result =>
            result switch
            {
                ArgumentResult argument => argument.Tokens,
                OptionResult option => option.Tokens.Where(token =>
                    token.Value.StartsWith("--", StringComparison.Ordinal)
                ),
                _ => [],
            }
        );
        return values.FirstOrDefault(token => IsOptionLike(token.Value) && typed.Contains(token))?.Value;
    }

    private static bool IsOptionLike(string word) => word.Length > 1 && word[0] == '-' && word != "--";

    /// <summary>A name that there is not, with the one that was meant or all that there are.</summary>
    /// <param name="kind">What it names, as in "verb".</param>
    public static string NoSuchName(string word, string kind, IReadOnlyCollection<string> known)
    {
        string all = known.Count == 0 ? "there is none here" : $"the {kind}s are {string.Join(", ", known)}";
        return $"'{Printable.Text(word)}' is no {kind}: {Suggest(word, known) ?? all}";
    }

    private static string UnknownVerb(Command root, string word)
    {
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption
            ? root.Options.SelectMany(Names)
            : root.Subcommands.Select(verb => verb.Name);
        string all = isOption
            ? "verbs come first, then their options"
            : $"the verbs are {string.Join(", ", root.Subcommands.Select(verb => verb.Name))}";
        return isOption
            ? $"no option {Printable.Text(word)}; {Suggest(word, known) ?? all}"
            : $"'{Printable.Text(word)}' is no verb: {Suggest(word, known) ?? all}";
    }

    private static string Unmatched(Verb command, string word)
    {
        if (!word.StartsWith('-') || word.Length == 1)
        {
            string[] verbs = [.. command.Subcommands.Select(sub => sub.Name)];
            return verbs.Length > 0
                ? $"'{Printable.Text(word)}' is no verb of `graft {command.FullName}`: "
                    + $"{Suggest(word, verbs) ?? $"the verbs are {string.Join(", ", verbs)}"}"
                : $"'{Printable.Text(word)}' is one argument too many for `graft {command.FullName}`; put names with "
                    + "spaces into quotes";
        }

        string name = word.Split('=', ':')[0];
        string? meant = Suggest(
            name,
            command
                .Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options))
                .SelectMany(Names)
        );
        return $"no option {Printable.Text(name)}{(meant is null ? $" of `graft {command.FullName}`" : $"; {meant}")}";
    }

    private static string Describe(ParseError error) =>
        error.SymbolResult switch
        {
            ArgumentResult { Parent: CommandResult { Command: Verb owner }, Tokens.Count: 0 } argument =>
                $"`graft {owner.FullName}` needs {argument.Argument.Name}",
            OptionResult { Tokens.Count: 0 } option =>
                $"'{option.Option.Name}' needs a value: {option.Option.HelpName}",
            OptionResult { Tokens.Count: > 1 } option =>
                $"'{option.Option.Name}' was given {option.Tokens.Count} times; give it once",
            _ => error.Message,
        };

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    // "--epoch" and "-epochs" are near "--epochs"; the dashes must not make everything near.
    private static string? Suggest(string word, IEnumerable<string> known)
    {
        Dictionary<string, string> byPlain = known
            .Where(name => name.TrimStart('-').Length > 1)
            .ToDictionary(name => name.TrimStart('-'));
        string plain = word.TrimStart('-').ToLowerInvariant();
        string? nearest =
            plain.Length == 0 ? null
            : s_otherWords.TryGetValue(plain, out string? other) && byPlain.ContainsKey(other) ? other
            : NearestName.Find(plain, byPlain.Keys)
                ?? byPlain.Keys.FirstOrDefault(name =>
                    plain.Length > 2 && name.StartsWith(plain, StringComparison.Ordinal)
                );
        if (nearest is null)
        {
            return null;
        }

        bool isOption = word.StartsWith('-');
        return $"did you mean {(isOption ? byPlain[nearest] : $"'{byPlain[nearest]}'")}?";
    }
}
