using System.Text;
using Graft.Conformance;
using Graft.Torch;

namespace Graft.Training.Tests.Torch;

/// <summary>Generates docs/operators.md from the code, and fails if the file differs.</summary>
[Collection("torch")]
public sealed class OperatorListTests
{
    // The value 1 rewrites the file instead of comparing it.
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
            "Graft cuts a network in two. The frozen part before the cut runs in ONNX Runtime and may contain any\n"
                + "operator. The trainable part runs in `TorchGraph` and may contain the operators below, of all\n"
                + "operator sets from 7 on, and of sets 1 to 6 as far as Graft knows their attributes. Gradients flow\n"
                + "through all float arithmetic. Graft refuses any other operator by name before training starts.\n\n"
        );
        text.Append(
            $"`OperatorListTests` generates this page; run it with `{RewriteVariable}=1` to rewrite the page.\n\n"
                + "| operator | family | limits |\n|---|---|---|\n"
        );
        foreach ((string name, string family, string note) in OperatorTable.Default.List)
        {
            text.Append($"| {name} | {family} | {note} |\n");
        }

        text.Append(
            "\n## The ONNX project's operator tests\n\n"
                + $"{verdicts.Count(v => v.Verdict.Outcome == Outcome.Passed)} of {verdicts.Count} tests return "
                + "the expected output"
        );
        (string Name, Verdict Verdict)[] others = [.. verdicts.Where(v => v.Verdict.Outcome != Outcome.Passed)];
        text.Append(others.Length == 0 ? ".\n" : ". The others:\n\n");
        foreach ((string name, Verdict verdict) in others)
        {
            text.Append($"- `{name}`: {verdict.Reason}\n");
        }

        return text.ToString();
    }
}
