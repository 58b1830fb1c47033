using System.CommandLine;
using Graft.Cli.Views;

namespace Graft.Cli.Verbs;

/// <summary>graft completion SHELL: a script that completes verbs, options and their values.</summary>
internal static class CompletionVerb
{
    private static readonly OrderedDictionary<string, Func<CompletionTree, string>> s_shells = new()
    {
        ["bash"] = BashCompletion.Script,
        ["zsh"] = ZshCompletion.Script,
        ["fish"] = FishCompletion.Script,
        ["powershell"] = PowerShellCompletion.Script,
    };

    public static Verb Create()
    {
        Verb verb = new(
            "completion",
            "Prints a script for a shell that completes verbs, options and values. Load it in the shell's start file: "
                + "source <(graft completion bash); graft completion fish | source; in PowerShell "
                + "graft completion powershell | Out-String | Invoke-Expression.",
            "graft completion bash"
        );
        Argument<string> shell = new("SHELL") { Description = $"One of {string.Join(", ", s_shells.Keys)}" };
        Option<bool> json = Flag.Switch("--json", "Print the script inside one JSON document");
        verb.Arguments.Add(shell);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            string name = parsed.GetValue(shell)!;
            if (!s_shells.TryGetValue(name, out Func<CompletionTree, string>? script))
            {
                throw new UsageException(UsageProblem.NoSuchName(name, "shell", s_shells.Keys));
            }

            string text = script(CompletionTree.Of(CommandLine.Root()));
            if (parsed.GetValue(json))
            {
                WriteJson(name, text, terminal);
            }
            else
            {
                terminal.Output.Write(text);
            }

            return ExitCode.Done;
        };
        return verb;
    }

    private static void WriteJson(string shell, string script, Terminal terminal) =>
        JsonOutput.Write(terminal.Output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("shell", shell);
            writer.WriteString("script", script);
            writer.WriteEndObject();
        });
}
