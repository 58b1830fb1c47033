using System.Text;

namespace Graft.Cli.Verbs;

/// <summary>Completion for bash.</summary>
internal static class BashCompletion
{
    public static string Script(CompletionTree tree)
    {
        StringBuilder text = new();
        text.Append("# completion of graft for bash\n_graft() {\n");
        text.Append("    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n");
        text.Append("    local verb=\"\" word words=\"\"\n");
        text.Append("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n");
        text.Append("        case \"$verb:$word\" in\n");
        AppendVerbs(text, tree, "            ");
        text.Append("        esac\n    done\n");
        text.Append("    case \"$verb:$previous\" in\n");
        AppendValues(text, tree, "        ");
        text.Append("        *)\n            case \"$verb\" in\n");
        AppendOptions(text, tree, "                ");
        text.Append("            esac ;;\n    esac\n");
        text.Append("    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n");
        text.Append("}\ncomplete -o default -F _graft graft\n");
        return text.ToString();
    }

    /// <summary>Branches that set `verb` by the words before the cursor.</summary>
    public static void AppendVerbs(StringBuilder text, CompletionTree tree, string indent)
    {
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            text.Append($"{indent}\"{verb.Parent}:{verb.Name}\") verb=\"{verb.FullName}\" ;;\n");
        }
    }

    /// <summary>Branches that set `words` to the values of the option before the cursor.</summary>
    public static void AppendValues(StringBuilder text, CompletionTree tree, string indent)
    {
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            foreach (CompletionOption option in verb.Options.Where(option => option.TakesValue))
            {
                text.Append(
                    $"{indent}\"{verb.FullName}:{option.Name}\") words=\"{string.Join(' ', option.Values)}\" ;;\n"
                );
            }
        }
    }

    /// <summary>Branches that set `words` to the verbs below a verb, or to its options.</summary>
    public static void AppendOptions(StringBuilder text, CompletionTree tree, string indent)
    {
        string top = string.Join(' ', tree.Below("").Select(verb => verb.Name).Concat(CompletionTree.RootOptions));
        text.Append($"{indent}\"\") words=\"{top}\" ;;\n");
        foreach (CompletionVerbEntry verb in tree.Verbs)
        {
            string[] below = [.. tree.Below(verb.FullName).Select(sub => sub.Name)];
            text.Append($"{indent}\"{verb.FullName}\")\n");
            text.Append($"{indent}    case \"$current\" in\n");
            text.Append($"{indent}        -*) words=\"{string.Join(' ', verb.OptionNames)}\" ;;\n");
            text.Append($"{indent}        *) words=\"{string.Join(' ', below)}\" ;;\n");
            text.Append($"{indent}    esac ;;\n");
        }
    }
}
