using System.Text;

namespace Graft.Cli.Verbs;

/// <summary>Completion for fish.</summary>
internal static class FishCompletion
{
    public static string Script(CompletionTree tree)
    {
        StringBuilder text = new();
        text.Append("# completion of graft for fish\n");
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            string where =
                verb.Parent.Length == 0
                    ? "__fish_use_subcommand"
                    : $"{Seen(verb.Parent)}; and not {Seen(tree.Below(verb.Parent).Select(one => one.Name))}";
            text.Append($"complete -c graft -f -n '{where}' -a {verb.Name} -d {Quoted(verb.Summary)}\n");
        }

        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            string[] below = [.. tree.Below(verb.FullName).Select(one => one.Name)];
            string where =
                string.Join("; and ", verb.FullName.Split(' ').Select(Seen))
                + (below.Length == 0 ? "" : $"; and not {Seen(below)}");
            foreach (CompletionOption option in verb.Options)
            {
                string value =
                    !option.TakesValue ? ""
                    : option.Values.Count == 0 ? " -r"
                    : $" -x -a '{string.Join(' ', option.Values)}'";
                text.Append(
                    $"complete -c graft -n '{where}' -l {option.Name[2..]}{value} -d {Quoted(option.Summary)}\n"
                );
            }
        }

        return text.ToString();
    }

    private static string Seen(string name) => Seen([name]);

    private static string Seen(IEnumerable<string> names) => $"__fish_seen_subcommand_from {string.Join(' ', names)}";

    private static string Quoted(string text) =>
        $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";
}
