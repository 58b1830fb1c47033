using System.Text.Json;
using System.Text.Json.Nodes;
using Graft.Imaging;
using Graft.Prediction;
using Json.Schema;

namespace Graft.Tests.Prediction;

/// <summary>The published schema accepts what Graft writes and refuses what it refuses.</summary>
public sealed class CardSchemaTests
{
    private static readonly string s_file = Path.Combine(
        SharedData.Root,
        "docs",
        "reference",
        "model-card.schema.json"
    );
    private static readonly JsonSchema s_schema = JsonSchema.FromFile(s_file);

    private static ModelCard Single { get; } = TinyClassifier.Card(TinyClassifier.Network());

    private static ModelCard Several { get; } =
        Single with
        {
            Task = ClassificationTask.MultiLabel,
            Thresholds = [0.25, 0.5, 1],
            UnsureBelow = 0.6,
            Precision = ModelPrecision.Int8,
        };

    [Theory]
    [InlineData(ResizeRule.ShorterSideThenCrop)]
    [InlineData(ResizeRule.Squash)]
    [InlineData(ResizeRule.Pad)]
    public void It_accepts_the_cards_that_are_written(ResizeRule rule)
    {
        Preprocessing preprocessing = TinyClassifier.Preprocessing with { Resize = rule };

        Assert.True(IsValid((Single with { Preprocessing = preprocessing }).ToJson()));
        Assert.True(IsValid((Several with { Preprocessing = preprocessing }).ToJson()));
    }

    [Theory]
    [InlineData("version", "3")]
    [InlineData("task", "\"multi\"")]
    [InlineData("labels", """["a","a","b"]""")]
    [InlineData("labels", """["a"]""")]
    [InlineData("outputs", """[{"name":"x","meaning":"y"}]""")]
    [InlineData("bodies", "[]")]
    [InlineData("temperature", "0")]
    [InlineData("unsureBelow", "1.5")]
    [InlineData("thresholds", "[0.5,0.5,0.5]")]
    [InlineData("precision", "\"int4\"")]
    [InlineData("input/range", "[0,1]")]
    [InlineData("input/normalisation", "\"outside\"")]
    [InlineData("resize/antialias", "false")]
    [InlineData("resize/crop", "\"none\"")]
    [InlineData("resize/fill", """{"red":0,"green":0,"blue":0}""")]
    public void What_the_reader_refuses_it_refuses_too(string path, string value)
    {
        JsonObject card = JsonNode.Parse(Single.ToJson())!.AsObject();
        string[] names = path.Split('/');
        names[..^1].Aggregate(card, (node, name) => node[name]!.AsObject())[names[^1]] = JsonNode.Parse(value);
        string json = card.ToJsonString();

        Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));
        Assert.False(IsValid(json));
    }

    [Fact]
    public void It_knows_every_member_that_is_written_and_requires_the_same()
    {
        using JsonDocument recipe = JsonDocument.Parse("{}");
        JsonObject full = JsonNode.Parse((Several with { Recipe = recipe.RootElement }).ToJson())!.AsObject();
        JsonObject schema = JsonNode.Parse(File.ReadAllText(s_file))!.AsObject();

        Assert.Equal(full.Select(member => member.Key).Order(), Names(schema).Order());
        foreach (string name in (string[])["input", "resize", "inside", "images", "selfTest"])
        {
            IEnumerable<string> known = Names(schema["properties"]![name]!.AsObject());
            Assert.Empty(full[name]!.AsObject().Select(member => member.Key).Except(known));
        }

        foreach (string name in schema["required"]!.AsArray().Select(one => one!.GetValue<string>()))
        {
            JsonObject card = JsonNode.Parse(Single.ToJson())!.AsObject();
            Assert.True(card.Remove(name));
            Assert.Throws<ModelCardException>(() => ModelCard.Parse(card.ToJsonString(), "a.onnx"));
        }
    }

    private static IEnumerable<string> Names(JsonObject schema) =>
        schema["properties"]!.AsObject().Select(member => member.Key);

    private static bool IsValid(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return s_schema.Evaluate(document.RootElement).IsValid;
    }
}
