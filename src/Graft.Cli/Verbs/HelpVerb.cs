using System.CommandLine;
using Graft.Cli.Views;

namespace Graft.Cli.Verbs;

/// <summary>graft help [VERB]: the help of a verb, or of the program.</summary>
internal static class HelpVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "help",
            "Shows the help of a verb, or the list of verbs.",
            "graft help",
            "graft help train",
            "graft help bodies pull"
        );
        Argument<string[]> names = new("VERB")
        {
            Description = "A verb, such as train or bodies pull",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> json = Flag.Switch("--json", "Print verbs, arguments and options as one JSON document");
        verb.Arguments.Add(names);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            Command shown = CommandLine.Root();
            foreach (string name in parsed.GetValue(names) ?? [])
            {
                Command[] verbs = [.. shown.Subcommands];
                shown = Array.Find(verbs, one => one.Name == name)
                    ?? throw new UsageException(
                        UsageProblem.NoSuchName(name, "verb", [.. verbs.Select(one => one.Name)])
                    );
            }

            if (parsed.GetValue(json))
            {
                HelpJson.Write(shown, terminal.Output);
            }
            else
            {
                HelpText.Write(shown, terminal);
            }

            return ExitCode.Done;
        };
        return verb;
    }
}
