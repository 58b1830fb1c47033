using System.Text.Json.Nodes;
using Graft.Training.Metrics;
using static Graft.Training.Tests.GoldenLabels;

namespace Graft.Training.Tests.Metrics;

public sealed class LabelMetricsTests
{
    private static readonly double[] s_half = [.. Enumerable.Repeat(0.5, 6)];

    [Fact]
    public void Average_precision_is_that_of_scikit_learn()
    {
        JsonNode metrics = Json["metrics"]!;

        double?[] found = AveragePrecision.OfClasses(Logits, Labels, Classes);

        Near(Doubles(metrics["average_precision"]!), [.. found.Select(one => one!.Value)], 1e-12);
        Assert.Equal((double)metrics["mAP"]!, AveragePrecision.Mean(Logits, Labels, Classes), 1e-12);
    }

    [Fact]
    public void Average_precision_with_repeated_scores_is_that_of_scikit_learn()
    {
        JsonNode ties = Json["metrics_with_ties"]!;

        double?[] found = AveragePrecision.OfClasses(Doubles(ties["scores"]!), Labels, Classes);

        Near(Doubles(ties["average_precision"]!), [.. found.Select(one => one!.Value)], 1e-12);
    }

    [Fact]
    public void A_class_without_positives_has_no_average_precision_and_is_not_averaged_as_0()
    {
        TrueLabels labels = TrueLabels.OfSets([1, 0, 0, 0, 1, 0], 2);

        Assert.Equal([1, null], AveragePrecision.OfClasses([0.9, 0.1, 0.2, 0.3, 0.8, 0.2], labels, 2));
        Assert.Equal(1, AveragePrecision.Mean([0.9, 0.1, 0.2, 0.3, 0.8, 0.2], labels, 2));
    }

    [Fact]
    public void Decisions_are_counted_as_by_scikit_learn()
    {
        JsonNode metrics = Json["metrics"]!;

        LabelDecisions found = LabelDecisions.Of(Probabilities, Labels, s_half);

        double[] Of(Func<int, double?> one) => [.. Enumerable.Range(0, Classes).Select(c => one(c)!.Value)];
        Near(Doubles(metrics["f1"]!), Of(found.F1Of), 1e-12);
        Near(Doubles(metrics["precision"]!), Of(found.PrecisionOf), 1e-12);
        Near(Doubles(metrics["recall"]!), Of(found.RecallOf), 1e-12);
        Assert.Equal((double)metrics["f1_micro"]!, found.MicroF1!.Value, 1e-12);
        Assert.Equal((double)metrics["f1_macro"]!, found.MacroF1!.Value, 1e-12);
        Assert.Equal((double)metrics["exact_match"]!, found.ExactMatch, 1e-12);
        Assert.Equal((double)metrics["hamming_loss"]!, found.HammingLoss, 1e-12);
        Assert.Equal(
            (double)metrics["coverage_error"]!,
            LabelDecisions.CoverageError(Probabilities, Labels, Classes),
            1e-12
        );
    }

    [Fact]
    public void Platt_s_scale_and_shift_are_those_of_the_lowest_loss()
    {
        JsonArray expected = Json["platt"]!.AsArray();

        PlattScaling found = PlattScaling.Fit(Logits, Labels, Classes, hasPrior: false);

        Near([.. expected.Select(one => (double)one!["scale"]!)], found.Scales, 1e-4);
        Near([.. expected.Select(one => (double)one!["shift"]!)], found.Shifts, 1e-4);
    }

    [Fact]
    public void A_prior_keeps_a_class_of_few_images_from_being_as_sure_as_it_can_be()
    {
        TrueLabels separable = TrueLabels.OfSets([1, 1, 0, 0], 1);

        PlattScaling found = PlattScaling.Fit([2, 1, -1, -2], separable, 1);

        Assert.InRange(found.Scales[0], 1, 3);
        Assert.Equal(0, found.Shifts[0], 1e-6);
    }

    [Fact]
    public void A_class_that_no_image_has_stays_improbable_and_finite()
    {
        PlattScaling found = PlattScaling.Fit([-3, -4, -3.5], TrueLabels.OfSets([0, 0, 0], 1), 1);

        Assert.All(found.Probabilities([-3, -4, -3.5]), p => Assert.InRange(p, 0, 0.05));
    }

    [Fact]
    public void Thresholds_are_at_least_as_good_as_one_half_for_every_class()
    {
        double[] thresholds = LabelThresholds.ForF1(Probabilities, Labels, Classes);

        LabelDecisions chosen = LabelDecisions.Of(Probabilities, Labels, thresholds);
        LabelDecisions half = LabelDecisions.Of(Probabilities, Labels, s_half);
        for (int c = 0; c < Classes; c++)
        {
            Assert.True(chosen.F1Of(c) >= half.F1Of(c), $"{c}: {chosen.F1Of(c)} is below {half.F1Of(c)}");
        }

        Assert.True(chosen.MacroF1 > half.MacroF1);
    }

    [Fact]
    public void A_threshold_for_a_precision_keeps_to_it()
    {
        double[] thresholds = LabelThresholds.ForPrecision(Probabilities, Labels, Classes, 0.9);

        LabelDecisions chosen = LabelDecisions.Of(Probabilities, Labels, thresholds);
        for (int c = 0; c < Classes; c++)
        {
            Assert.True(chosen.PrecisionOf(c) is null or >= 0.9, $"{c}: {chosen.PrecisionOf(c)}");
        }

        Assert.Contains(Enumerable.Range(0, Classes), c => chosen.PrecisionOf(c) is not null);
    }

    [Fact]
    public void A_class_of_too_few_images_has_the_threshold_of_one_half() =>
        Assert.Equal([0.5], LabelThresholds.ForF1([0.1f, 0.2f, 0.3f], TrueLabels.OfSets([1, 1, 0], 1), 1));
}
