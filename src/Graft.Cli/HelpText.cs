using System.CommandLine;
using System.Text;

namespace Graft.Cli;

/// <summary>Writes what `--help` shows: usage, arguments, options with their defaults, examples.</summary>
internal static class HelpText
{
    private const int WidestLine = 100;
    private const int WidestName = 28;

    public static void Write(Command command, Terminal terminal)
    {
        int width = Math.Min(terminal.Width, WidestLine);
        StringBuilder text = new();
        text.AppendJoin('\n', Wrap(command.Description ?? "", width)).Append("\n\n");
        text.Append("Usage: ").Append(Usage(command)).Append('\n');
        Section(text, "Verbs", command.Subcommands.Select(verb => (Row(verb), verb.Description ?? "")), width);
        Section(
            text,
            "Arguments",
            command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")),
            width
        );
        Section(
            text,
            "Options",
            command
                .Options.Concat(Inherited(command))
                .Where(option => !option.Hidden)
                .Select(option => (Row(option), Describe(option))),
            width
        );
        if (command is Verb { Examples.Count: > 0 } verb)
        {
            text.Append("\nExamples:\n");
            text.AppendJoin("", verb.Examples.Select(example => $"  {example}\n"));
        }
        else if (command.Subcommands.Count > 0)
        {
            text.Append("\nEach verb has its own help: graft train --help\n");
        }

        terminal.Output.Write(text.ToString());
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

    private static string Describe(Option option)
    {
        // of lists the description says it
        bool isPlain = option.ValueType == typeof(string) || option.ValueType.IsPrimitive;
        string? value =
            option.HasDefaultValue && isPlain && option.ValueType != typeof(bool)
                ? option.GetDefaultValue()?.ToString()
                : null;
        return string.IsNullOrEmpty(value) ? option.Description ?? "" : $"{option.Description} [default: {value}]";
    }

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
                .AppendJoin("\n" + indent, Wrap(description, Math.Max(width - column, 20)))
                .Append('\n');
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [""];
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
            {
                lines.Add("");
            }

            lines[^1] += lines[^1].Length == 0 ? word : " " + word;
        }

        return lines;
    }
}
