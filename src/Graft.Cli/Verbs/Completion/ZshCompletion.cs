using System.Text;

namespace Graft.Cli.Verbs;

/// <summary>Completion for zsh.</summary>
internal static class ZshCompletion
{
    public static string Script(CompletionTree tree)
    {
        StringBuilder text = new();
        text.Append("#compdef graft\n# completion of graft for zsh\n_graft() {\n");
        text.Append("    local current=\"$PREFIX\" previous=\"${words[CURRENT-1]}\"\n");
        text.Append("    local verb=\"\" word found=\"\"\n");
        text.Append("    for word in \"${(@)words[2,CURRENT-1]}\"; do\n");
        text.Append("        case \"$verb:$word\" in\n");
        BashCompletion.AppendVerbs(text, tree, "            ");
        text.Append("        esac\n    done\n");
        StringBuilder branches = new();
        branches.Append("    case \"$verb:$previous\" in\n");
        BashCompletion.AppendValues(branches, tree, "        ");
        branches.Append("        *)\n            case \"$verb\" in\n");
        BashCompletion.AppendOptions(branches, tree, "                ");
        branches.Append("            esac ;;\n    esac\n");
        text.Append(branches.Replace(" words=\"", " found=\"")); // zsh keeps the command line in `words`
        text.Append(
            "    if [[ -n \"$found\" ]]; then\n        compadd -- ${=found}\n    else\n        _files\n    fi\n"
        );
        text.Append("}\n(( $+functions[compdef] )) && compdef _graft graft\n");
        return text.ToString();
    }
}
