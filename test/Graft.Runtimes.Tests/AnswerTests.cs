using System.Text.Json;
using Graft.Prediction;

namespace Graft.Runtimes.Tests;

/// <summary>graft-predict.js reads probabilities as Graft does, and refuses cards that it does not know.</summary>
public sealed class AnswerTests
{
    private static ModelCard Single { get; } = TinyClassifier.Card(TinyClassifier.Network()) with { UnsureBelow = 0.6 };

    private static ModelCard Several { get; } =
        Single with
        {
            Task = ClassificationTask.MultiLabel,
            Thresholds = [0.3, 0.5, 0.5],
        };

    [Theory]
    [InlineData(false, 0.7, 0.2, 0.1)]
    [InlineData(false, 0.5, 0.4, 0.1)]
    [InlineData(false, 0.25, 0.25, 0.5)]
    [InlineData(true, 0.9, 0.7, 0.1)]
    [InlineData(true, 0.4, 0.7, 0.55)]
    [InlineData(true, 0.1, 0.2, 0.3)]
    public async Task Labels_and_doubts_are_those_of_Graft(bool several, float red, float green, float blue)
    {
        ModelCard card = several ? Several : Single;
        ImagePrediction expected = ImagePrediction.From([red, green, blue], card);

        JsonElement answer = JsonDocument
            .Parse(
                await EvaluateAsync(
                    $"JSON.stringify(answer([{red:R}, {green:R}, {blue:R}].map(Math.fround), 1.5, card))",
                    card
                )
            )
            .RootElement;

        Assert.Equal(expected.Label, answer.GetProperty("label").GetString());
        Assert.Equal(expected.Probability, answer.GetProperty("probability").GetDouble());
        Assert.Equal(expected.Labels, Texts(answer, "labels"));
        Assert.Equal(expected.UnsureLabels, Texts(answer, "unsureLabels"));
        Assert.Equal(expected.IsSure, answer.GetProperty("isSure").GetBoolean());
        Assert.Equal(
            expected.Scores.Select(score => score.Label),
            answer.GetProperty("scores").EnumerateArray().Select(score => score.GetProperty("label").GetString())
        );
        Assert.False(answer.GetProperty("isFamiliar").GetBoolean());
    }

    [Fact]
    public async Task Without_the_output_every_picture_is_familiar() =>
        Assert.Equal("true", await EvaluateAsync("answer([1, 0, 0], undefined, card).isFamiliar", Single));

    [Theory]
    [InlineData("version: 3", "version 3")]
    [InlineData("input: { ...card.input, range: [0, 1] }", "an input that this module does not make")]
    [InlineData("input: { ...card.input, layout: 'NHWC' }", "an input that this module does not make")]
    [InlineData("resize: { ...card.resize, kernel: 'Nearest' }", "an input that this module does not make")]
    public async Task A_card_that_it_does_not_know_is_refused(string change, string reason)
    {
        string check = "(() => { try { checkCard({ ...card, CHANGE }); } catch (error) { return error.message; } })()";

        string message = await EvaluateAsync(check.Replace("CHANGE", change, StringComparison.Ordinal), Single);

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Equal("2", await EvaluateAsync("checkCard(card).version", Single));
    }

    [Fact]
    public async Task The_module_packs_as_what_npm_needs()
    {
        string npm = RequiredTool.Find("npm");

        string packed = await Programs.RunAsync(
            Programs.Module,
            npm,
            "pack",
            "--dry-run",
            "--json",
            "--ignore-scripts"
        );

        JsonElement files = JsonDocument.Parse(packed).RootElement[0].GetProperty("files");
        Assert.Equal(
            ["LICENSE", "README.md", "graft-predict.d.ts", "graft-predict.js", "package.json"],
            files.EnumerateArray().Select(file => file.GetProperty("path").GetString()!).Order(StringComparer.Ordinal)
        );
    }

    private static IEnumerable<string?> Texts(JsonElement answer, string name) =>
        answer.GetProperty(name).EnumerateArray().Select(text => text.GetString());

    private static async Task<string> EvaluateAsync(string expression, ModelCard card)
    {
        string node = RequiredTool.Find("node");
        using TemporaryFolder folder = new();
        string module = new Uri(Path.Combine(Programs.Module, "graft-predict.js")).AbsoluteUri;
        string program = folder.Write(
            "test.mjs",
            $"""
            import {Braced("answer, checkCard")} from "{module}";
            const card = {card.ToJson()};
            console.log({expression});
            """
        );
        return (await Programs.RunAsync(folder.Root, node, program)).Trim();
    }

    private static string Braced(string names) => $"{{ {names} }}";
}
