using System.Text.Json;
using Graft.Prediction;

namespace Graft.Runtimes.Tests;

[Collection(RuntimesGroup.Name)]
public sealed class NodePageTests(TrainedModel trained)
{
    [Fact]
    public async Task The_program_of_the_page_gives_Grafts_answers()
    {
        string node = RequiredTool.Find("node");
        using TemporaryFolder folder = new();
        Programs.LinkPackages(folder.Root);
        string program = folder.Write("predict.mjs", PageSnippet.Of("node", "js"));

        string output = await Programs.RunAsync(folder.Root, node, [program, trained.Model, .. trained.Pictures]);

        PrintedAnswers.AssertTelling(trained);
        PrintedAnswers.AssertSame(trained, output);
    }

    [Fact]
    public async Task The_same_tensor_gives_the_same_answer()
    {
        string node = RequiredTool.Find("node");
        using TemporaryFolder folder = new();
        Programs.LinkPackages(folder.Root);
        string[] tensors =
        [
            .. trained.Pictures.Select((picture, i) => folder.Write($"{i}.tensor", trained.Tensor(picture))),
        ];
        string program = folder.Write(
            "tensors.mjs",
            """
            import { readFile } from "node:fs/promises";
            import * as ort from "onnxruntime-node";
            import { Classifier } from "graft-predict";
            const [model, ...tensors] = process.argv.slice(2);
            const card = JSON.parse(await readFile(model.replace(".onnx", ".json"), "utf8"));
            const classifier = await Classifier.load(ort, model, { card });
            const loading = tensors.map(async (path) => Float32Array.from(await readFile(path)));
            const answers = await Promise.all(loading.map(async (values) => classifier.predictTensor(await values)));
            console.log(JSON.stringify(answers));
            """
        );

        string output = await Programs.RunAsync(folder.Root, node, [program, trained.Model, .. tensors]);

        JsonElement[] answers = [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
        foreach ((ImagePrediction expected, JsonElement answer) in trained.Answers.Zip(answers))
        {
            Assert.Equal(expected.Label, answer.GetProperty("label").GetString());
            Assert.Equal(expected.Probability, answer.GetProperty("probability").GetDouble(), tolerance: 1e-3);
            Assert.Equal(expected.IsSure, answer.GetProperty("isSure").GetBoolean());
            Assert.Equal(expected.IsFamiliar, answer.GetProperty("isFamiliar").GetBoolean());
            double unfamiliarity = answer.GetProperty("unfamiliarity").GetDouble();
            Assert.Equal(expected.Unfamiliarity!.Value, unfamiliarity, tolerance: 1e-3);
        }
    }
}
