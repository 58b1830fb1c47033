using System.CommandLine;
using System.Text;
using Graft.Cli.Views;

namespace Graft.Cli;

/// <summary>
/// Writes what `--help` shows: usage, arguments, options with their defaults, examples. A verb with many options shows
/// the usual ones, and all of them in groups for `--help-all`.
/// </summary>
internal static class HelpText
{
    private const int WidestLine = 100;
    private const int WidestName = 28;

    /// <summary>The option that shows every option.</summary>
    public const string AllName = "--help-all";

    /// <param name="isAll">Shows every option of the verb.</param>
    public static void Write(Command command, Terminal terminal, bool isAll = false)
    {
        int width = Math.Min(terminal.Width, WidestLine);
        StringBuilder text = new();
        text.AppendJoin('\n', WrappedText.Lines(command.Description ?? "", width)).Append("\n\n");
        text.Append("Usage: ").Append(Usage(command)).Append('\n');
        Section(text, "Verbs", command.Subcommands.Select(verb => (Row(verb), Summary(verb))), width);
        Section(
            text,
            "Arguments",
            command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")),
            width
        );
        foreach ((string title, IEnumerable<Option> options) in Groups(command, isAll))
        {
            Section(text, title, options.Select(option => (Row(option), Describe(option))), width);
        }

        if (command is Verb { Examples.Count: > 0 } verb)
        {
            text.Append("\nExamples:\n");
            text.AppendJoin("", verb.Examples.Select(example => $"  {example}\n"));
        }
        else if (command.Subcommands.Count > 0)
        {
            text.Append("\nEach verb has its own help: graft help train\n");
        }

        terminal.Output.Write(text.ToString());
    }

    /// <summary>The first sentence; the verb's own help has the rest.</summary>
    public static string Summary(Command verb)
    {
        string text = verb.Description ?? "";
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    private static IEnumerable<(string Title, IEnumerable<Option> Options)> Groups(Command command, bool isAll)
    {
        IEnumerable<Option> help = Inherited(command).Where(option => !option.Hidden);
        if (!HelpGroups.AreNeeded(command))
        {
            IEnumerable<Option> own = command.Options.Where(option => !option.Hidden);
            return [("Options", [.. own, .. help.Where(option => option.Name != AllName)])];
        }

        IEnumerable<Option> usual = HelpGroups.Usual(command);
        return isAll
            ? [("Usual options", usual), .. HelpGroups.Others(command), ("Help", help)]
            : [("Usual options", [.. usual, .. help])];
    }

    private static IEnumerable<Option> Inherited(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);

    private static string Usage(Command command) =>
        command is Verb usable
            ? $"graft {usable.FullName} {string.Join(' ', command.Arguments.Select(Shape))} [options]".Replace(
                "  ",
                " ",
                StringComparison.Ordinal
            )
            : "graft VERB [arguments] [options]";

    private static string Shape(Argument argument) =>
        argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}…" : argument.Name;

    private static string Row(Command verb) =>
        $"{verb.Name} {string.Join(' ', verb.Arguments.Select(Shape))}".TrimEnd();

    private static string Row(Option option)
    {
        string names = string.Join(
            ", ",
            option.Aliases.Where(alias => alias.Length == 2 && char.IsLetter(alias[1])).Append(option.Name)
        );
        return option.HelpName is null ? names : $"{names} {option.HelpName}";
    }

    /// <summary>The default as the help shows it; null where there is none, or where the description says it.</summary>
    public static string? DefaultOf(Option option)
    {
        // of lists the description says it
        bool isPlain = option.ValueType == typeof(string) || option.ValueType.IsPrimitive;
        string? value =
            option.HasDefaultValue && isPlain && option.ValueType != typeof(bool)
                ? option.GetDefaultValue()?.ToString()
                : null;
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static string Describe(Option option) =>
        DefaultOf(option) is string value ? $"{option.Description} [default: {value}]" : option.Description ?? "";

    private static void Section(
        StringBuilder text,
        string title,
        IEnumerable<(string Name, string Text)> rows,
        int width
    )
    {
        (string Name, string Text)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        int column = Math.Min(all.Max(row => row.Name.Length), WidestName) + 4;
        text.Append('\n').Append(title).Append(":\n");
        foreach ((string name, string description) in all)
        {
            bool isOwnLine = name.Length > column - 4;
            text.Append("  ").Append(isOwnLine ? name + "\n" : name.PadRight(column - 2));
            string indent = new(' ', column);
            text.Append(isOwnLine ? indent : "")
                .AppendJoin("\n" + indent, WrappedText.Lines(description, Math.Max(width - column, 20)))
                .Append('\n');
        }
    }
}
