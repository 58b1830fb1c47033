using System.Text;
using System.Text.Json.Nodes;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class ModelCardTests
{
    private const int Mutations = 3000;

    // as Graft 0.1 wrote it
    private const string Version1 = """
        {"version":1,"labels":["red","green","blue"],"preprocessing":{"width":32,"height":24,
        "resize":"ShorterSideThenCrop","resizeShorter":40,"interpolation":"Bicubic","order":"Rgb",
        "mean":{"red":127.5,"green":127.5,"blue":127.5},"deviation":{"red":127.5,"green":127.5,"blue":127.5}},
        "body":{"name":"tiny","licence":"Apache-2.0"},"images":{"train":30,"validation":6,"test":9},
        "scores":{"validationAccuracy":0.5},"temperature":1,"createdBy":"graft 0.1.0","selfTest":{"image":3,
        "pixelsSha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","expected":[0.25,0.5,0.25]}}
        """;

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
    public void The_card_says_what_the_input_tensor_holds()
    {
        JsonNode card = JsonNode.Parse(Card.ToJson())!;

        string input = """
            {"name":"image","layout":"NCHW","colour":"RGB","range":[0,255],"normalisation":"inside",
            "width":32,"height":24}
            """;
        string resize = """
            {"rule":"ShorterSideThenCrop","shorterSide":40,"kernel":"Bicubic","antialias":true,
            "crop":"centre","exifOrientation":"applied"}
            """;
        Assert.Equal(JsonNode.Parse(input)!.ToJsonString(), card["input"]!.ToJsonString());
        Assert.Equal(JsonNode.Parse(resize)!.ToJsonString(), card["resize"]!.ToJsonString());
        Assert.Null(card["preprocessing"]);
    }

    [Theory]
    [InlineData(ResizeRule.Squash)]
    [InlineData(ResizeRule.Pad)]
    [InlineData(ResizeRule.ShorterSideThenCrop)]
    public void Every_resize_rule_survives(ResizeRule rule)
    {
        Preprocessing preprocessing = new()
        {
            Width = 64,
            Height = 48,
            Resize = rule,
            ResizeShorter = 64,
            Order = ChannelOrder.Bgr,
            Mean = new(1.5f, 2, 3),
            Deviation = new(0.1f, 55.1f, 3),
        };

        ModelCard read = ModelCard.Parse((Card with { Preprocessing = preprocessing }).ToJson(), "a.onnx");

        Assert.Equal(preprocessing, read.Preprocessing);
    }

    [Fact]
    public void A_card_of_several_labels_and_bodies_survives()
    {
        ModelCard card = Card with
        {
            Task = ClassificationTask.MultiLabel,
            Thresholds = [0.25, 0.5, 1],
            Bodies = [Card.Body, new("second")],
        };

        ModelCard read = ModelCard.Parse(card.ToJson(), "a.onnx");

        Assert.Equal(ClassificationTask.MultiLabel, read.Task);
        Assert.Equal([0.25, 0.5, 1], read.Thresholds);
        Assert.Equal(["tiny", "second"], read.Bodies.Select(body => body.Name));
        Assert.Equal("tiny", read.Body.Name);
        Assert.Contains("each by itself", read.Outputs[0].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_version_1_is_read()
    {
        ModelCard read = ModelCard.Parse(Version1, "a.onnx");

        Assert.Equal(1, read.Version);
        Assert.Equal(ClassificationTask.SingleLabel, read.Task);
        Assert.Equal(["red", "green", "blue"], read.Labels);
        Assert.Equal("tiny", Assert.Single(read.Bodies).Name);
        Assert.Equal(TinyClassifier.Preprocessing, read.Preprocessing);
        Assert.Equal("probabilities", Assert.Single(read.Outputs).Name);
        Assert.Null(read.Thresholds);
        Assert.Contains("\"version\":2", read.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_version_1_with_members_of_version_2_is_refused()
    {
        string mixed = Version1.Insert(1, "\"task\":\"single\",");

        Assert.Throws<ModelCardException>(() => ModelCard.Parse(mixed, "a.onnx"));
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
        string json = """{"version":3,"marvels":[]}""";

        ModelCardException error = Assert.Throws<ModelCardException>(() => ModelCard.Parse(json, "a.onnx"));

        Assert.Equal(
            "'a.onnx' cannot be used: its card has version 3, and this program reads versions 1 to 2; update Graft",
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
    [InlineData("bodies", """[{"name":"x","weightsSha256":"12"}]""", "the weights' SHA-256 is not 64 hexadecimal")]
    [InlineData("bodies", "[]", "0 bodies are outside 1 to 16")]
    [InlineData("bodies", "[null]", "or one is null")]
    [InlineData("task", "\"both\"", "its task is neither single nor multi")]
    [InlineData("task", "\"multi\"", "its thresholds are not one of 0 to 1 for each label")]
    [InlineData("thresholds", "[0.5,0.5,0.5]", "only for several labels a picture")]
    [InlineData("outputs", "[]", "its outputs are not 1 to 16 with a name and a meaning")]
    [InlineData("outputs", """[{"name":"x","meaning":"y"}]""", "'probabilities' among them")]
    [InlineData("dataFingerprint", "\"zz\"", "the data fingerprint is not 64 hexadecimal digits")]
    [InlineData("temperature", "0", "the temperature 0 is outside")]
    [InlineData("temperature", "-1", "the temperature -1 is outside")]
    [InlineData("temperature", "1e999", "damaged")]
    [InlineData("unsureBelow", "1.5", "a score or threshold is outside 0 to 1")]
    [InlineData("scores", """{"validationAccuracy":2,"testAccuracy":null}""", "a score or threshold is outside 0 to 1")]
    [InlineData("images", """{"train":-1,"validation":0,"test":0}""", "a number of images is below 0")]
    [InlineData("createdBy", "\"\"", "which program made it")]
    [InlineData("input", """{"width":224}""", "missing required properties")]
    [InlineData(
        "selfTest",
        """{"image":99,"pixelsSha256":"a","expected":[0,0,2]}""",
        "the self-test's image or probabilities make no sense"
    )]
    [InlineData("version", "\"1\"", "it has no version number")]
    public void A_value_out_of_its_range_is_named(string member, string value, string reason)
    {
        JsonObject card = JsonNode.Parse(Card.ToJson())!.AsObject();
        string json =
            card.Remove(member) || member is "unsureBelow" or "thresholds"
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

    // A version changes only when a meaning does, so an older program reads what a newer one has added.
    [Theory]
    [InlineData("")]
    [InlineData("input")]
    [InlineData("scores")]
    public void An_unknown_member_is_ignored(string parent)
    {
        JsonObject card = JsonNode.Parse(Card.ToJson())!.AsObject();
        (parent.Length == 0 ? card : card[parent]!.AsObject())["addedLater"] = new JsonObject { ["x"] = 1 };

        ModelCard read = ModelCard.Parse(card.ToJsonString(), "a.onnx");

        Assert.Equal(Card.ToJson(), read.ToJson());
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
    [InlineData("\"kernel\":\"Bicubic\"", "\"kernel\":\"Magic\"", "damaged")]
    [InlineData("\"kernel\":\"Bicubic\"", "\"kernel\":77", "interpolation")]
    [InlineData("\"layout\":\"NCHW\"", "\"layout\":\"NHWC\"", "its input is described as this program does not")]
    [InlineData("\"range\":[0,255]", "\"range\":[0,1]", "its input is described as this program does not make it")]
    [InlineData(
        "\"antialias\":true",
        "\"antialias\":false",
        "its resizing is described as this program does not do it"
    )]
    [InlineData("\"crop\":\"centre\"", "\"crop\":\"none\"", "its resizing is described as this program does not do it")]
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
