using System.Text;
using System.Text.Json.Nodes;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class ModelCardTests
{
    private const int Mutations = 3000;

    private static ModelCard Card { get; } =
        TinyClassifier.Card(TinyClassifier.Network()) with
        {
            Recipe = System.Text.Json.JsonDocument.Parse("""{"seed":1,"head":{"hidden":[256]}}""").RootElement,
        };

    [Fact]
    public void A_card_survives_the_way_through_a_model()
    {
        OnnxModel model = TinyClassifier.Network();

        model.SetMetadata(ModelCard.MetadataKey, Card.ToJson());
        OnnxModel reloaded = OnnxModel.Parse(model.ToBytes(), "tiny");
        ModelCard read = ModelCard.Parse(reloaded.GetMetadata(ModelCard.MetadataKey), "tiny");

        Assert.Equal(Card.ToJson(), read.ToJson());
        Assert.Equal(["red", "green", "blue"], read.Labels);
        Assert.Equal(TinyClassifier.Preprocessing, read.Preprocessing);
        Assert.Equal(256, read.Recipe!.Value.GetProperty("head").GetProperty("hidden")[0].GetInt32());
        Assert.Equal(Card.SelfTest.Expected, read.SelfTest.Expected);
        Assert.Null(read.Scores.TestAccuracy);
    }

    [Fact]
    public void A_missing_card_is_named()
    {
        ModelCardException error = Assert.Throws<ModelCardException>(() => ModelCard.Parse(null, "a.onnx"));

        Assert.StartsWith("'a.onnx' cannot be used: it has no card", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_version_is_refused_before_its_members_are_read()
    {
        string json = """{"version":2,"marvels":[]}""";

        ModelCardException error = Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));

        Assert.Equal(
            "'a.onnx' cannot be used: its card has version 2, and this program reads version 1; update Graft",
            error.Message
        );
    }

    [Theory]
    [InlineData("labels", """["a"]""", "1 labels are outside 2 to 10,000")]
    [InlineData("labels", """["a","b","a"]""", "the label 'a' is there twice")]
    [InlineData("labels", """["a","b"," "]""", "a label is empty")]
    [InlineData("labels", """["a","b",null]""", "a label is empty")]
    [InlineData("labels", """["a","b"]""", "the self-test expects 3 probabilities for 2 labels")]
    [InlineData("labels", "null", "damaged")]
    [InlineData("body", """{"name":"x","weightsSha256":"12"}""", "the weights' SHA-256 is not 64 hexadecimal digits")]
    [InlineData("dataFingerprint", "\"zz\"", "the data fingerprint is not 64 hexadecimal digits")]
    [InlineData("temperature", "0", "the temperature 0 is outside")]
    [InlineData("temperature", "-1", "the temperature -1 is outside")]
    [InlineData("temperature", "1e999", "damaged")]
    [InlineData("unsureBelow", "1.5", "a score or threshold is outside 0 to 1")]
    [InlineData("scores", """{"validationAccuracy":2,"testAccuracy":null}""", "a score or threshold is outside 0 to 1")]
    [InlineData("images", """{"train":-1,"validation":0,"test":0}""", "a number of images is below 0")]
    [InlineData("createdBy", "\"\"", "which program made it")]
    [InlineData("preprocessing", """{"width":224}""", "missing required properties")]
    [InlineData(
        "selfTest",
        """{"image":99,"pixelsSha256":"a","expected":[0,0,2]}""",
        "the self-test's image or probabilities make no sense"
    )]
    [InlineData("surprise", "1", "damaged")]
    [InlineData("version", "\"1\"", "it has no version number")]
    public void A_value_out_of_its_range_is_named(string member, string value, string reason)
    {
        JsonObject card = JsonNode.Parse(Card.ToJson())!.AsObject();
        string json =
            card.Remove(member) || member is "surprise" or "unsureBelow"
                ? card.ToJsonString().Insert(1, $"\"{member}\":{value},")
                : throw new InvalidOperationException(member);

        ModelCardException error = Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Every_member_that_cannot_be_null_is_required()
    {
        string[] optional =
        [
            "body/licence",
            "body/origin",
            "body/weightsSha256",
            "recipe",
            "recipe/seed",
            "recipe/head",
            "recipe/head/hidden",
            "dataFingerprint",
            "scores/validationAccuracy",
        ];
        List<string> missed = [];
        foreach (string path in Members(JsonNode.Parse(Card.ToJson())!.AsObject(), ""))
        {
            JsonObject card = JsonNode.Parse(Card.ToJson())!.AsObject();
            string[] names = path.Split('/');
            names[..^1].Aggregate(card, (node, name) => node[name]!.AsObject()).Remove(names[^1]);
            if (Record.Exception(() => ModelCard.Parse(card.ToJsonString(), "a.onnx")) is not ModelCardException)
            {
                missed.Add(path);
            }
        }

        Assert.Equal(optional.Order(), missed.Order());
    }

    [Fact]
    public void A_member_given_twice_is_refused()
    {
        string json = Card.ToJson().Insert(1, "\"temperature\":2,");

        Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));
    }

    [Theory]
    [InlineData("\"width\":32", "\"width\":2000000000", "outside 8 to 4096")]
    [InlineData("\"deviation\":{\"red\":127.5", "\"deviation\":{\"red\":0", "deviation above 0")]
    [InlineData("\"interpolation\":\"Bicubic\"", "\"interpolation\":\"Magic\"", "damaged")]
    [InlineData("\"interpolation\":\"Bicubic\"", "\"interpolation\":77", "interpolation")]
    public void Senseless_preprocessing_is_refused(string from, string to, string reason)
    {
        string json = Card.ToJson();
        Assert.Contains(from, json, StringComparison.Ordinal);

        ModelCardException error = Assert.Throws<ModelCardException>(() =>
            ModelCard.Parse(json.Replace(from, to, StringComparison.Ordinal), "a.onnx")
        );

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_of_a_thousand_levels_is_refused()
    {
        string json = Card.ToJson().Insert(1, $"\"recipe\":{new string('[', 1000)}{new string(']', 1000)},");

        Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));
    }

    [Fact]
    public void A_card_over_the_limit_is_refused_before_it_is_read()
    {
        string json = Card.ToJson() + new string(' ', 5 << 20);

        ModelCardException error = Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));

        Assert.Contains("more than the limit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_with_a_repeated_label_fails_its_check()
    {
        ModelCard wrong = Card with { Labels = ["a", "a", "b"] };

        ModelCardException error = Assert.Throws<ModelCardException>(() => wrong.Checked("a.onnx"));

        Assert.Contains("the label 'a' is there twice", error.Message, StringComparison.Ordinal);
    }

    // Exchanges, drops and doubles bytes. A mutation that is not refused must be a card of valid values.
    [Fact]
    public void A_mutated_card_is_refused_or_usable()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Card.ToJson());
        int refused = 0;
        for (uint i = 0; i < Mutations; i++)
        {
            string json = Encoding.UTF8.GetString(Mutate(whole, i));
            try
            {
                ModelCard card = ModelCard.Parse(json, "a.onnx");
                Assert.Equal(card.Labels.Count, card.SelfTest.Expected.Count);
            }
            catch (ModelCardException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 2, Mutations); // nearly every byte matters
    }

    private static byte[] Mutate(byte[] whole, uint number)
    {
        CountedRandom random = new(1, RandomPurpose.Folds, image: number);
        List<byte> bytes = [.. whole];
        int edits = 1 + random.Below(4, 0);
        for (uint edit = 0; edit < edits; edit++)
        {
            uint draw = 1 + (edit * 4);
            int at = random.Below(bytes.Count, draw);
            int length = Math.Min(random.Below(20, draw + 1), bytes.Count - at);
            switch (random.Below(3, draw + 2))
            {
                case 0:
                    bytes[at] = (byte)random.Below(256, draw + 3);
                    break;
                case 1 when length < bytes.Count:
                    bytes.RemoveRange(at, length);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<string> Members(JsonObject json, string path) =>
        json.SelectMany(member =>
            member.Value is JsonObject inner
                ? Members(inner, $"{path}{member.Key}/").Prepend(path + member.Key)
                : [path + member.Key]
        );
}
