using System.Text.Json.Nodes;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class ModelPrecisionTests
{
    [Theory]
    [InlineData(ModelPrecision.Float32, null)]
    [InlineData(ModelPrecision.Float16, "float16")]
    [InlineData(ModelPrecision.Int8, "int8")]
    public void A_card_says_the_precision_unless_it_is_float32(ModelPrecision precision, string? text)
    {
        string json = (Card with { Precision = precision }).ToJson();

        Assert.Equal(text, (string?)JsonNode.Parse(json)!["precision"]);
        Assert.Equal(precision, ModelCard.Parse(json, "tiny").Precision);
    }

    [Fact]
    public void A_precision_that_is_not_known_is_refused()
    {
        JsonNode json = JsonNode.Parse(Card.ToJson())!;
        json["precision"] = "int4";

        ModelCardException error = Assert.Throws<ModelCardException>(() =>
            ModelCard.Parse(json.ToJsonString(), "tiny")
        );

        Assert.Contains("its precision is neither float16 nor int8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ModelPrecision.Int8, 0.01, null)]
    [InlineData(ModelPrecision.Int8, 0.05, "export it with weights of 7 bits")]
    [InlineData(ModelPrecision.Float32, 0.01, "try another version of ONNX Runtime")]
    public void The_self_test_of_int8_allows_a_level_more_or_less(
        ModelPrecision precision,
        double difference,
        string? refusal
    )
    {
        byte[] model = TinyClassifier.Model(card =>
            card with
            {
                Precision = precision,
                SelfTest = Moved(card, difference),
            }
        );

        if (refusal is null)
        {
            Predictor.Load(model, "tiny").Dispose();
        }
        else
        {
            ModelCardException error = Assert.Throws<ModelCardException>(() => Predictor.Load(model, "tiny"));
            Assert.Contains(refusal, error.Message, StringComparison.Ordinal);
        }
    }

    private static ModelCard Card => TinyClassifier.Card(TinyClassifier.Network());

    // Expects a little less of the likeliest class.
    private static SelfTest Moved(ModelCard card, double difference)
    {
        float[] expected = [.. card.SelfTest.Expected];
        expected[Array.IndexOf(expected, expected.Max())] -= (float)difference;
        return card.SelfTest with { Expected = expected };
    }
}
