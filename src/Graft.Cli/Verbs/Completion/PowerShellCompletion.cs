using System.Text;

namespace Graft.Cli.Verbs;

/// <summary>Completion for PowerShell.</summary>
internal static class PowerShellCompletion
{
    public static string Script(CompletionTree tree)
    {
        StringBuilder text = new();
        text.Append("# completion of graft for PowerShell\n");
        text.Append("Register-ArgumentCompleter -Native -CommandName graft -ScriptBlock {\n");
        text.Append("    param($current, $line, $place)\n");
        text.Append("    $verbs = @{\n");
        Entry("", tree.Below("").Select(verb => verb.Name).Concat(CompletionTree.RootOptions));
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            Entry(verb.FullName, tree.Below(verb.FullName).Select(sub => sub.Name).Concat(verb.OptionNames));
        }

        text.Append("    }\n    $values = @{\n");
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            foreach (CompletionOption option in verb.Options.Where(option => option.TakesValue))
            {
                Entry($"{verb.FullName} {option.Name}", option.Values);
            }
        }

        text.Append(
            """
                }
                $verb = ''; $previous = ''
                foreach ($element in $line.CommandElements | Select-Object -Skip 1) {
                    if ($element.Extent.EndOffset -ge $place) { break }
                    $previous = $element.ToString()
                    $below = "$verb $previous".Trim()
                    if ($verbs.ContainsKey($below)) { $verb = $below }
                }
                $option = "$verb $previous"
                $words = if ($values.ContainsKey($option)) { $values[$option] } else { $verbs[$verb] }
                $words | Where-Object { $_ -like "$current*" } |
                    ForEach-Object { New-Object System.Management.Automation.CompletionResult $_ }
            }

            """
        );
        return text.ToString().ReplaceLineEndings("\n");

        void Entry(string key, IEnumerable<string> words) =>
            text.Append($"        '{key}' = @({string.Join(", ", words.Select(word => $"'{word}'"))})\n");
    }
}
