using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Graft.Runtimes.Tests;

[Collection(RuntimesGroup.Name)]
public sealed partial class PythonPageTests(TrainedModel trained)
{
    // Stands in where onnxruntime is not installed: it has the model's metadata, and keeps the tensor.
    private const string Stub = """
        import json
        import os
        import types

        import numpy as np


        class InferenceSession:
            def __init__(self, path, providers):
                with open(os.path.splitext(path)[0] + ".json", encoding="utf-8") as file:
                    self.card = file.read()
                self.count = 0

            def get_modelmeta(self):
                return types.SimpleNamespace(custom_metadata_map={"graft.card": self.card})

            def run(self, names, feeds):
                (tensor,) = feeds.values()
                assert tensor.dtype == np.float32 and tensor.shape[:2] == (1, 3)
                tensor.astype(np.uint8).tofile(f"{self.count}.tensor")
                self.count += 1
                labels = json.loads(self.card)["labels"]
                return [np.full((1, len(labels)), 0.5, np.float32), np.zeros((1, 1), np.float32)]
        """;

    [Fact]
    public void The_program_names_what_the_card_has()
    {
        JsonNode card = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(trained.Model, ".json")))!;
        string[][] paths =
        [
            .. CardMember()
                .Matches(PageSnippet.Of("python", "python"))
                .Select(match => match.Groups[1].Captures.Select(capture => capture.Value).ToArray()),
        ];

        Assert.Contains(paths, path => path is ["input", "normalisation"]);
        foreach (string[] path in paths.Where(path => path is not ["thresholds"]))
        {
            Assert.NotNull(path.Aggregate(card, (node, name) => node[name]!));
        }
    }

    [Fact]
    public async Task The_program_of_the_page_gives_Grafts_answers()
    {
        if (await Python.WithAsync("onnxruntime, numpy, PIL") is not string python)
        {
            Assert.Skip("no Python with onnxruntime");
            return;
        }

        using TemporaryFolder folder = new();
        string program = folder.Write("predict.py", PageSnippet.Of("python", "python"));

        string output = await Programs.RunAsync(folder.Root, python, [program, trained.Model, .. trained.Pictures]);

        PrintedAnswers.AssertSame(trained, output);
    }

    [Fact]
    public async Task The_program_of_the_page_makes_Grafts_tensor()
    {
        string python = await Python.WithAsync("numpy, PIL")
            ?? throw RequiredTool.Missing("no Python with numpy and Pillow");
        using TemporaryFolder folder = new();
        string program = folder.Write("predict.py", PageSnippet.Of("python", "python"));
        folder.Write("onnxruntime.py", Stub);
        string[] whole = [.. trained.Pictures.Where(picture => picture.EndsWith(".png", StringComparison.Ordinal))];

        await Programs.RunAsync(folder.Root, python, [program, trained.Model, .. whole]);

        Assert.NotEmpty(whole);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] made = File.ReadAllBytes(Path.Combine(folder.Root, $"{i}.tensor"));
            byte[] expected = trained.Tensor(whole[i]);
            Assert.Equal(expected.Length, made.Length);
            // libvips rounds transparency down, and Pillow to the nearest; enlarging adds to it
            int allowed = whole[i].Contains("transparent", StringComparison.Ordinal) ? 3 : 0;
            Assert.InRange(expected.Zip(made, (a, b) => Math.Abs(a - b)).Max(), 0, allowed);
        }
    }

    [GeneratedRegex("""card(?:\["(\w+)"\])+""")]
    private static partial Regex CardMember();
}
