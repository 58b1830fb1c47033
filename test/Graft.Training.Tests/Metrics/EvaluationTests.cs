using System.Text.Json.Nodes;

namespace Graft.Training.Tests.Metrics; // not Graft.Tests.Evaluation: a namespace of that name would hide the type

public sealed class EvaluationTests
{
    private const int Digits = 12;

    /// <summary>
    /// Six images, three classes: two of a right (0.8, 0.6), one taken for b; b right once, taken for a once; c right.
    /// d has none and is never predicted.
    /// </summary>
    private static readonly float[] Probabilities =
    [
        0.8f,
        0.1f,
        0.1f,
        0,
        0.6f,
        0.2f,
        0.2f,
        0,
        0.3f,
        0.5f,
        0.2f,
        0,
        0.1f,
        0.9f,
        0,
        0,
        0.7f,
        0.3f,
        0,
        0,
        0,
        0,
        1,
        0,
    ];

    private static readonly int[] Labels = [0, 0, 0, 1, 1, 2];

    private static Evaluation Six() => Evaluation.Of(["a", "b", "c", "d"], Labels, Probabilities);

    [Fact]
    public void Counts_and_scores_equal_those_computed_by_hand()
    {
        Evaluation found = Six();

        Assert.Equal(6, found.Count);
        Assert.Equal(4, found.Correct);
        Assert.Equal(4 / 6.0, found.Accuracy, Digits);
        Assert.Equal([2, 1, 0, 0], found.Confusion[0]);
        Assert.Equal([1, 1, 0, 0], found.Confusion[1]);
        Assert.Equal([0, 0, 1, 0], found.Confusion[2]);
        Assert.Equal(new("a", 2 / 3.0, 2 / 3.0, 4 / 6.0, 3), found.Classes[0]);
        Assert.Equal(new("b", 1 / 2.0, 1 / 2.0, 2 / 4.0, 2), found.Classes[1]);
        Assert.Equal(new("c", 1, 1, 1, 1), found.Classes[2]);
        Assert.Equal(new("d", null, null, null, 0), found.Classes[3]);
        Assert.Equal(((2 / 3.0) + (1 / 2.0) + 1) / 3, found.BalancedAccuracy, Digits);
        Assert.Equal(((2 / 3.0) + (1 / 2.0) + 1) / 3, found.MacroF1, Digits);
    }

    [Fact]
    public void Log_loss_is_the_mean_of_minus_ln_p()
    {
        double expected =
            -(Math.Log(0.8) + Math.Log(0.6) + Math.Log(0.3) + Math.Log(0.9) + Math.Log(0.3) + Math.Log(1)) / 6;

        Assert.Equal(expected, Six().LogLoss, 1e-7); // the probabilities are float32
    }

    [Fact]
    public void A_probability_of_zero_costs_as_much_as_the_smallest_float32()
    {
        Assert.Equal(23 * Math.Log(2), Evaluation.Of(["a", "b"], [1], [1, 0]).LogLoss, Digits);
    }

    [Fact]
    public void The_calibration_error_equals_that_computed_by_hand()
    {
        // Bins of width 1/15: 0.6 alone would be at its bin's upper end (9/15); each confidence has a bin of its own:
        // 0.8, 0.6, 0.5, 0.9, 0.7, 1.0.
        double expected = (0.2 + 0.4 + 0.5 + 0.1 + 0.7 + 0) / 6;

        Assert.Equal(expected, Six().CalibrationError, 1e-7);
        Assert.Equal(6, Six().Reliability.Sum(bin => bin.Count));
    }

    [Fact]
    public void Confidences_in_one_bin_are_averaged_before_they_are_compared()
    {
        // 0.95 right and 0.97 wrong share the bin (14/15, 1]: |0.5 - 0.96|, not (0.05 + 0.97) / 2.
        Assert.Equal(0.46, Evaluation.Of(["a", "b"], [0, 1], [0.95f, 0.05f, 0.97f, 0.03f]).CalibrationError, 1e-6);
    }

    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)] // Newcombe, Statistics in Medicine 17, 1998, table I, method 3
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    [InlineData(29, 29, 0.8830, 1)]
    public void Wilsons_interval_equals_published_values(int hits, int count, double low, double high)
    {
        Interval found = Interval.Wilson(hits, count);

        Assert.Equal(low, found.Low, 4);
        Assert.Equal(high, found.High, 4);
    }

    [Fact]
    public void The_json_has_the_keys_and_null_where_there_is_no_value()
    {
        JsonNode json = JsonNode.Parse(Six().ToJson())!;

        foreach (
            string key in new[]
            {
                "accuracy",
                "count",
                "correct",
                "logLoss",
                "calibrationError",
                "classes",
                "confusion",
            }
        )
        {
            Assert.NotNull(json[key]);
        }

        Assert.Equal(4, (int)json["correct"]!);
        Assert.Equal("d", (string)json["classes"]![3]!["name"]!);
        Assert.Null(json["classes"]![3]!["recall"]);
        Assert.Equal(1, (int)json["confusion"]![1]![0]!);
    }

    [Fact]
    public void Values_that_are_no_probabilities_are_refused_by_name()
    {
        Assert.Contains("no images", Refusal([], []));
        Assert.Contains("NaN", Refusal([0], [float.NaN, 1]));
        Assert.Contains("sums to", Refusal([0], [0.5f, 0.4f]));
        Assert.Contains("not a probability", Refusal([0], [-0.5f, 1.5f]));
        Assert.Contains("label 2", Refusal([2], [0.5f, 0.5f]));
        Assert.Contains("3 values", Refusal([0, 1], [0.5f, 0.5f, 1]));

        static string Refusal(int[] labels, float[] probabilities) =>
            Assert.Throws<ArgumentException>(() => Evaluation.Of(["a", "b"], labels, probabilities)).Message;
    }
}
