using System.CommandLine;
using System.Text.Json;

namespace Graft.Cli.Views;

/// <summary>`help --json`: the verbs, arguments and options of a command for programs.</summary>
internal static class HelpJson
{
    public static void Write(Command command, TextWriter output) => JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", command is Verb verb ? verb.FullName : "graft");
            json.WriteString("description", command.Description);
            WriteAll(json, "verbs", command.Subcommands, Verb);
            WriteAll(json, "arguments", command.Arguments, Argument);
            WriteAll(json, "options", command.Options.Where(option => !option.Hidden), Option);
            JsonOutput.Texts(json, "examples", (command as Verb)?.Examples ?? []);
            json.WriteEndObject();
        });

    private static void Verb(Utf8JsonWriter json, Command verb)
    {
        json.WriteString("name", verb.Name);
        json.WriteString("description", verb.Description);
    }

    private static void Argument(Utf8JsonWriter json, Argument argument)
    {
        json.WriteString("name", argument.Name);
        json.WriteString("description", argument.Description);
        json.WriteBoolean("isRepeated", argument.Arity.MaximumNumberOfValues > 1);
    }

    private static void Option(Utf8JsonWriter json, Option option)
    {
        json.WriteString("name", option.Name);
        json.WriteString("value", option.HelpName);
        json.WriteString("description", option.Description);
        json.WriteString("default", HelpText.DefaultOf(option));
    }

    private static void WriteAll<T>(
        Utf8JsonWriter json,
        string name,
        IEnumerable<T> values,
        Action<Utf8JsonWriter, T> write
    )
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
