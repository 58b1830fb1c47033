using System.CommandLine;
using System.CommandLine.Parsing;
using Graft.Infrastructure;

namespace Graft.Cli;

/// <summary>Says what is wrong with a command line, and what may have been meant.</summary>
internal static class UsageProblem
{
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

        if (parsed.UnmatchedTokens.Count > 0)
        {
            return Unmatched(verb, parsed.UnmatchedTokens[0]);
        }

        return parsed.Errors.Count == 0 ? null : string.Join("; ", parsed.Errors.Select(Describe).Distinct());
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
        return $"'{Printable.Text(word)}' is no {(isOption ? "option" : "verb")}: {Suggest(word, known) ?? all}";
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
        return $"'{Printable.Text(name)}' is no option of `graft "
            + $"{command.FullName}`{(meant is null ? "" : $": {meant}")}";
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
        string plain = word.TrimStart('-');
        string? nearest =
            plain.Length == 0
                ? null
                : NearestName.Find(plain, byPlain.Keys)
                    ?? byPlain.Keys.FirstOrDefault(name =>
                        plain.Length > 2 && name.StartsWith(plain, StringComparison.Ordinal)
                    );
        return nearest is null ? null : $"did you mean '{byPlain[nearest]}'?";
    }
}
