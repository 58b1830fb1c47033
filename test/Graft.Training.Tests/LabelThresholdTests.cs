using System.Text.Json;

namespace Graft.Training.Tests;

public sealed class LabelThresholdTests
{
    [Theory]
    [InlineData("f1", "\"f1\"")]
    [InlineData("F1", "\"f1\"")]
    [InlineData("precision=0.95", "\"precision=0.95\"")]
    [InlineData("0.5", "0.5")]
    [InlineData("1", "1")]
    public void A_threshold_is_read_and_written(string text, string json)
    {
        Assert.True(LabelThreshold.TryParse(text, out LabelThreshold? threshold));

        Assert.Equal(json, JsonSerializer.Serialize(threshold));
        Assert.Equal(threshold, JsonSerializer.Deserialize<LabelThreshold>(json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("best")]
    [InlineData("1.5")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("precision=")]
    [InlineData("precision=2")]
    public void What_is_no_threshold_is_refused(string text)
    {
        Assert.False(LabelThreshold.TryParse(text, out _));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LabelThreshold>($"\"{text}\""));
    }
}
