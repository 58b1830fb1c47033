using System.Text;
using Graft.Conformance;
using Graft.Torch;

namespace Graft.Training.Tests.Torch;

/// <summary>docs/operators.md is made here: it says what the code can do, and cannot lag behind it.</summary>
[Collection("torch")]
public sealed class OperatorListTests
{
    // Set it to 1 to rewrite the file instead of comparing it.
    private const string RewriteVariable = "GRAFT_WRITE_DOCS";

    [Fact]
    public void The_list_in_the_documentation_is_the_list_in_the_code()
    {
        string path = Path.Combine(SharedData.Root, "docs", "operators.md");
        string text = Write(SharedData.Find("golden/onnx_nodes"));

        if (Environment.GetEnvironmentVariable(RewriteVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path), $"docs/operators.md is missing; run the tests with {RewriteVariable}=1");
        Assert.Equal(text, File.ReadAllText(path));
    }

    private static string Write(string nodes)
    {
        List<(string Name, Verdict Verdict)> verdicts =
        [
            .. CaseFinder.Find(nodes).Select(one => (one.Name, CaseRunner.Run(one, Conformance.Engine.Torch))),
        ];
        StringBuilder text = new();
        text.Append("# Operators that can be trained\n\n");
        text.Append(
            "The prefix of a network runs in ONNX Runtime and may hold any operator. The tail runs in "
                + "`TorchGraph` and may hold these, of operator sets 7 to the newest\n"
        );
        text.Append(
            "(of 1 to 6 as far as their attributes are known). Gradients flow through all that is float "
                + "arithmetic. Any other operator is refused by name before training starts.\n\n"
        );
        text.Append(
            $"Made by `OperatorListTests`; `{RewriteVariable}=1` rewrites it.\n\n| operator | family | limits "
                + "|\n|---|---|---|\n"
        );
        foreach ((string name, string family, string note) in OperatorTable.Default.List)
        {
            text.Append($"| {name} | {family} | {note} |\n");
        }

        text.Append(
            "\n## The ONNX project's operator "
                + $"tests\n\n{verdicts.Count(v => v.Verdict.Outcome == Outcome.Passed)} of {verdicts.Count} give "
                + "the expected output"
        );
        (string Name, Verdict Verdict)[] others = [.. verdicts.Where(v => v.Verdict.Outcome != Outcome.Passed)];
        text.Append(others.Length == 0 ? ".\n" : "; the others:\n\n");
        foreach ((string name, Verdict verdict) in others)
        {
            text.Append($"- `{name}`: {verdict.Reason}\n");
        }

        return text.ToString();
    }
}
