using Graft.Prediction;
using Graft.Training.Release;

namespace Graft.Training.Tests;

public sealed class ExportChecksTests
{
    private static readonly string[] s_classes = ["a", "b"];

    [Fact]
    public void A_model_that_loses_too_much_is_refused_with_the_figures()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            ExportChecks.RequireWorthIt(Result(wrong: 3, milliseconds: 1), new(), "m.onnx")
        );

        Assert.Equal(
            "'m.onnx' cannot be exported in int8: its accuracy on 100 test images falls from 100.0 % to 97.0 % "
                + "(McNemar p = 0.25), and 1 % may be lost; accept more, or export float16",
            error.Message.Replace('\u00a0', ' ').Replace("%", " %", StringComparison.Ordinal).Replace("  ", " ")
        );
        Assert.Equal("MaxLoss", error.Option);
    }

    [Fact]
    public void A_model_of_several_labels_is_measured_by_its_mean_average_precision()
    {
        ExportResult result = Result(wrong: 0, milliseconds: 1);
        result = result with
        {
            Comparison = result.Comparison with
            {
                First = result.Comparison.First with { MeanAveragePrecision = 0.98 },
                Second = result.Comparison.Second with { MeanAveragePrecision = 0.95 },
                MeanAveragePrecisionDifference = new(0.03, new(0.01, 0.05), 0.004),
            },
        };

        GraftException error = Assert.Throws<GraftException>(() =>
            ExportChecks.RequireWorthIt(result, new(), "m.onnx")
        );

        Assert.Contains(
            "its mean average precision on 100 test images falls from 0.9800 to 0.9500 (paired bootstrap p = 0.004)",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_int8_model_that_is_not_faster_is_refused_with_the_figures()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            ExportChecks.RequireWorthIt(Result(wrong: 0, milliseconds: 2.5), new(), "m.onnx")
        );

        Assert.Contains(
            "it is not faster on this machine, 2.5 ms an image instead of 2.0 ms",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("MustBeFaster", error.Option);
    }

    [Fact]
    public void What_is_accepted_passes()
    {
        ExportChecks.RequireWorthIt(Result(wrong: 1, milliseconds: 1), new(), "m.onnx");
        ExportChecks.RequireWorthIt(Result(wrong: 3, milliseconds: 1), new() { MaxLoss = 0.03 }, "m.onnx");
        ExportChecks.RequireWorthIt(Result(wrong: 0, milliseconds: 9), new() { MustBeFaster = false }, "m.onnx");
        ExportChecks.RequireWorthIt(
            Result(wrong: 0, milliseconds: 9),
            new() { Precision = ModelPrecision.Float16 },
            "m.onnx"
        );
    }

    // 100 images; the model itself is right on all and takes 2 ms.
    private static ExportResult Result(int wrong, double milliseconds)
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(n => n % 2)];
        Comparison comparison = new(
            Of(labels, 0),
            Of(labels, wrong),
            wrong,
            0,
            wrong == 0 ? 1 : Math.Pow(2, 1 - wrong),
            []
        );
        return new("small.onnx", 1, 4, comparison, ImagePart.Test, milliseconds, 2, []);
    }

    private static Evaluation Of(int[] labels, int wrong) =>
        Evaluation.Of(
            s_classes,
            labels,
            [.. labels.SelectMany((label, n) => (label == 0) == (n >= wrong) ? new[] { 0.9f, 0.1f } : [0.1f, 0.9f])]
        );
}
