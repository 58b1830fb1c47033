using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.Metrics;

public sealed class ConfidenceTests
{
    [Fact]
    public void The_temperature_undoes_a_factor_on_honest_logits()
    {
        (double[] logits, int[] labels) = Honest(20_000);

        Temperature honest = Temperature.Fit(logits, labels, 2);
        Temperature tooSure = Temperature.Fit([.. logits.Select(logit => 3 * logit)], labels, 2);

        Assert.Equal(1, honest.Value, 0.05); // about three standard errors of 20,000 draws
        Assert.Equal(3 * honest.Value, tooSure.Value, 1e-3);
        Assert.True(tooSure.LossAfter < tooSure.LossBefore);
        Assert.Equal(honest.LossAfter, tooSure.LossAfter, 1e-6);
    }

    [Fact]
    public void A_temperature_is_at_the_valley_of_the_likelihood()
    {
        // Logit 2 against 0, right three times in four: softmax(2 / T) = 3/4 at T = 2 / ln 3.
        double[] logits = [.. Enumerable.Range(0, 40_000).Select(i => i % 2 == 0 ? 2.0 : 0)];
        int[] labels = [.. Enumerable.Range(0, 20_000).Select(n => n % 4 == 0 ? 1 : 0)];

        Assert.Equal(2 / Math.Log(3), Temperature.Fit(logits, labels, 2).Value, 1e-3);
    }

    [Fact]
    public void A_few_images_that_are_all_recognised_do_not_make_the_temperature_extreme()
    {
        Temperature found = Temperature.Fit([4, 0, 0, 4, 4, 0], [0, 1, 0], 2);

        Assert.InRange(found.Value, 0.5, 1);
    }

    [Fact]
    public void Logits_that_are_not_finite_are_refused()
    {
        Assert.Contains(
            "NaN",
            Assert.Throws<ArgumentException>(() => Temperature.Fit([double.NaN, 0], [0], 2)).Message
        );
        Assert.Contains("no images", Assert.Throws<ArgumentException>(() => Temperature.Fit([], [], 2)).Message);
    }

    [Theory]
    [InlineData(6, 16, 0.0525)] // 2 P(X <= 6 | 22, 1/2) = 220,148 / 4,194,304
    [InlineData(0, 5, 0.0625)] // 2 / 32
    [InlineData(10, 10, 1)]
    [InlineData(0, 0, 1)]
    public void McNemars_test_equals_exact_values(int firstOnly, int secondOnly, double p)
    {
        Assert.Equal(p, McNemar.Of(firstOnly, secondOnly).PValue, 4);
        Assert.Equal(p, McNemar.Of(secondOnly, firstOnly).PValue, 4);
    }

    [Fact]
    public void McNemars_test_agrees_with_the_published_chi_square_for_large_counts()
    {
        // Agresti, Categorical Data Analysis, section 10.1: 150 against 86, z^2 = 17.36, p = 0.00003.
        Assert.InRange(McNemar.Of(150, 86).PValue, 2.5e-5, 4.5e-5);
    }

    [Theory]
    [InlineData(4_800, 5_200)]
    [InlineData(50_300, 49_700)]
    public void McNemars_test_is_exact_for_large_counts_too(int firstOnly, int secondOnly)
    {
        // The normal approximation with continuity correction errs by less than 1 % here; 2^-10,000 is not a double, so
        // that a naive sum would be 0.
        double z = (Math.Abs(firstOnly - secondOnly) - 1) / Math.Sqrt(firstOnly + secondOnly);
        double p = 2 * (1 - NormalBelow(z));

        Assert.InRange(McNemar.Of(firstOnly, secondOnly).PValue / p, 0.99, 1.01);
    }

    [Theory]
    [InlineData(6, 16, false)]
    [InlineData(5, 16, true)] // 2 P(X <= 5 | 21, 1/2) = 0.0266
    [InlineData(0, 5, false)]
    [InlineData(0, 6, true)] // 2 / 64
    public void A_difference_counts_from_one_in_twenty_on(int firstOnly, int secondOnly, bool isDifference) =>
        Assert.Equal(isDifference, McNemar.Of(firstOnly, secondOnly).IsDifference);

    [Fact]
    public void McNemar_counts_the_images_that_one_model_alone_gets_right()
    {
        McNemar found = McNemar.Of([true, true, false, true], [true, false, true, false]);

        Assert.Equal((2, 1), (found.FirstOnly, found.SecondOnly));
        Assert.Throws<ArgumentException>(() => McNemar.Of([true], []));
    }

    [Theory]
    [InlineData(0, 299, 0.00997)] // 1 - 0.05^(1/299): the rule of three
    [InlineData(0, 10, 0.2589)] // 1 - 0.05^(1/10)
    [InlineData(1, 10, 0.3942)] // Clopper and Pearson's one-sided 95 % limit
    [InlineData(3, 3, 1)]
    public void The_upper_bound_is_that_of_Clopper_and_Pearson(int hits, int count, double bound) =>
        Assert.Equal(bound, Binomial.UpperBound(hits, count, 0.95), 4);

    [Fact]
    public void Risk_and_coverage_equal_those_computed_by_hand()
    {
        IReadOnlyList<Abstention> table = Abstention.Table([0.9, 0.5, 0.8, 0.5], [true, false, false, true]);

        // 70 % and more mean all four: two are of equal confidence
        Assert.Equal([(0.5, 1.0, 0.5), (0.8, 0.5, 0.5)], table.Select(row => (row.Threshold, row.Coverage, row.Risk)));
    }

    [Fact]
    public void Risk_and_coverage_are_reported_at_six_shares_of_many_images()
    {
        double[] confidences = [.. Enumerable.Range(1, 200).Select(n => 1 - (n / 1000.0))];
        bool[] isCorrect = [.. Enumerable.Range(1, 200).Select(n => n % 20 != 0)];

        IReadOnlyList<Abstention> table = Abstention.Table(confidences, isCorrect);

        Assert.Equal(
            [(200, 10), (190, 9), (180, 9), (160, 8), (140, 7), (100, 5)],
            table.Select(row => (row.Answered, row.Errors))
        );
        Assert.Equal([0.8, 0.81, 0.82, 0.84, 0.86, 0.9], table.Select(row => Math.Round(row.Threshold, 9)));
        // mean of 1/1000 to n/1000
        Assert.All(table, row => Assert.Equal(((row.Answered / 2.0) + 0.5) / 1000, row.PromisedRisk!.Value, 1e-12));
    }

    [Fact]
    public void A_given_threshold_answers_images_of_at_least_that_confidence()
    {
        double[] confidences = [0.9, 0.5, 0.8, 0.5];
        bool[] isCorrect = [true, false, false, true];

        Abstention exact = Abstention.At(0.8, confidences, isCorrect);
        Abstention between = Abstention.At(0.6, confidences, isCorrect);
        Abstention none = Abstention.At(0.95, confidences, isCorrect);

        Assert.Equal((2, 1, 0.5, 0.5), (exact.Answered, exact.Errors, exact.Coverage, exact.Risk));
        Assert.Equal((0.6, 2, 1), (between.Threshold, between.Answered, between.Errors));
        Assert.Equal((0, 0, 0.0, null), (none.Answered, none.Errors, none.Coverage, none.Risk));
    }

    [Fact]
    public void The_threshold_answers_as_much_as_the_bound_allows_and_reports_an_unreachable_bound()
    {
        // 400 sure and right, then 100 less sure of which every tenth is wrong.
        double[] confidences = [.. Enumerable.Range(0, 500).Select(n => 1 - (n * 0.001))];
        bool[] isCorrect = [.. Enumerable.Range(0, 500).Select(n => n < 400 || n % 10 != 5)];

        Abstention found = Abstention.For(confidences, isCorrect, 0.01)!;
        Abstention few = Abstention.For(confidences[..50], isCorrect[..50], 0.0102)!;

        Assert.InRange(found.RiskBound, 0, 0.01);
        Assert.Equal(405, found.Answered); // one more is an error, and 1 in 406 is not under 1 % with 95 % confidence
        // 0 to 20 thousandths of doubt: 10 on average, and 10.5 with one more
        Assert.Equal((21, 0), (few.Answered, few.Errors));
        Assert.True(few.RiskBound > 0.0102);
        Assert.Null(Abstention.For([0.9, 0.8], [false, false], 0.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => Abstention.For([0.9], [true], 0.6));
    }

    [Fact]
    public void Ten_images_that_happen_to_be_right_do_not_let_an_unsure_model_answer()
    {
        double[] confidences = [.. Enumerable.Repeat(0.6, 10)];
        bool[] isCorrect = [.. Enumerable.Repeat(true, 10)];

        Assert.Null(Abstention.For(confidences, isCorrect, 0.01));
        Assert.Equal(10, Abstention.For(confidences, isCorrect, 0.4)!.Answered);
    }

    [Fact]
    public void A_threshold_found_by_the_bound_keeps_to_it_on_new_images()
    {
        (double[] confidences, bool[] isCorrect) = Answers(4_000, 1);
        (double[] newConfidences, bool[] newCorrect) = Answers(40_000, 2);

        Abstention found = Abstention.For(confidences, isCorrect, 0.05)!;
        Abstention later = Abstention.At(found.Threshold, newConfidences, newCorrect);

        Assert.InRange(later.Risk!.Value, 0.02, 0.05);
        Assert.Equal(found.Coverage, later.Coverage, 0.03);
    }

    [Fact]
    public void Undoing_the_temperature_restores_the_probability()
    {
        float[] before = [0.7f, 0.2f, 0.1f, 0.01f, 0.01f, 0.98f];
        double[] logits = [.. before.Select(p => Math.Log(p) + 3)];

        float[] cooled = Temperature.Probabilities(logits, 3, 2.5);

        Assert.Equal(
            Math.Sqrt(0.7 / 0.2),
            Temperature.Probabilities(logits, 3, 2)[0] / Temperature.Probabilities(logits, 3, 2)[1],
            1e-5
        );
        Assert.True(cooled[0] < 0.7);
        Assert.All(before.Zip(Temperature.Undo(cooled, 3, 2.5)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal([1, 0], Temperature.Undo([1, 0], 2, 0.3));
    }

    /// <summary>A model that is right as often as it says.</summary>
    private static (double[] Confidences, bool[] IsCorrect) Answers(int count, ulong seed)
    {
        CountedRandom random = new(seed, RandomPurpose.HeadValues);
        double[] confidences = [.. Enumerable.Range(0, count).Select(n => 0.5 + (0.5 * random.Uniform((uint)(2 * n))))];
        return (
            confidences,
            [.. confidences.Select((confidence, n) => random.Uniform((uint)((2 * n) + 1)) < confidence)]
        );
    }

    // Abramowitz and Stegun 26.2.17: to 7.5e-8.
    private static double NormalBelow(double z)
    {
        double t = 1 / (1 + (0.2316419 * z));
        double polynomial =
            t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return 1 - (Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * polynomial);
    }

    /// <summary>Two classes whose labels are drawn with the probabilities that the logits say.</summary>
    private static (double[] Logits, int[] Labels) Honest(int count)
    {
        CountedRandom random = new(1, RandomPurpose.HeadValues);
        double[] logits = new double[2 * count];
        int[] labels = new int[count];
        for (int n = 0; n < count; n++)
        {
            logits[2 * n] = 2 * random.Normal((uint)(2 * n));
            labels[n] = random.Uniform((uint)((2 * n) + 1)) < 1 / (1 + Math.Exp(-logits[2 * n])) ? 0 : 1;
        }

        return (logits, labels);
    }
}
