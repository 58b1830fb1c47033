namespace Graft.Tests;

public sealed class ConfidenceTests
{
    [Fact]
    public void The_temperature_undoes_a_factor_on_honest_logits()
    {
        (double[] logits, int[] labels) = Honest(20_000);

        Temperature honest = Temperature.Fit(logits, labels, 2);
        Temperature tooSure = Temperature.Fit([.. logits.Select(logit => 3 * logit)], labels, 2);

        Assert.Equal(1, honest.Value, 0.05);                            // about three standard errors of 20,000 draws
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
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => Temperature.Fit([double.NaN, 0], [0], 2)).Message);
        Assert.Contains("no images", Assert.Throws<ArgumentException>(() => Temperature.Fit([], [], 2)).Message);
    }

    [Theory]
    [InlineData(6, 16, 0.0525)]                 // 2 P(X <= 6 | 22, 1/2) = 220,148 / 4,194,304
    [InlineData(0, 5, 0.0625)]                  // 2 / 32
    [InlineData(10, 10, 1)]
    [InlineData(0, 0, 1)]
    public void McNemars_test_is_the_exact_one(int firstOnly, int secondOnly, double p)
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

    [Fact]
    public void McNemar_counts_the_images_that_one_model_alone_gets_right()
    {
        McNemar found = McNemar.Of([true, true, false, true], [true, false, true, false]);

        Assert.Equal((2, 1), (found.FirstOnly, found.SecondOnly));
        Assert.Throws<ArgumentException>(() => McNemar.Of([true], []));
    }

    [Theory]
    [InlineData(0, 299, 0.00997)]               // 1 - 0.05^(1/299): the rule of three
    [InlineData(0, 10, 0.2589)]                 // 1 - 0.05^(1/10)
    [InlineData(1, 10, 0.3942)]                 // Clopper and Pearson's one-sided 95 % limit
    [InlineData(3, 3, 1)]
    public void The_upper_bound_is_clopper_and_pearsons(int hits, int count, double bound) => Assert.Equal(bound, Binomial.UpperBound(hits, count, 0.95), 4);

    [Fact]
    public void Risk_and_coverage_are_those_by_hand()
    {
        IReadOnlyList<Abstention> table = Abstention.Table([0.9, 0.5, 0.8, 0.5], [true, false, false, true]);

        Assert.Equal([(0.5, 1.0, 0.5), (0.8, 0.5, 0.5), (0.9, 0.25, 0)], table.Select(row => (row.Threshold, row.Coverage, row.Risk)));
    }

    [Fact]
    public void The_threshold_answers_most_under_the_bound_and_says_when_the_bound_is_out_of_reach()
    {
        // 400 sure and right, then 100 less sure of which every tenth is wrong.
        double[] confidences = [.. Enumerable.Range(0, 500).Select(n => 1 - (n * 0.001))];
        bool[] isCorrect = [.. Enumerable.Range(0, 500).Select(n => n < 400 || n % 10 != 5)];

        Abstention found = Abstention.For(confidences, isCorrect, 0.01)!;
        Abstention few = Abstention.For(confidences[..50], isCorrect[..50], 0.01)!;

        Assert.InRange(found.RiskBound, 0, 0.01);
        Assert.Equal(405, found.Answered);                      // one more is an error, and 1 in 406 is not under 1 % with 95 % confidence
        Assert.Equal((50, 0), (few.Answered, few.Errors));
        Assert.True(few.RiskBound > 0.01);
        Assert.Null(Abstention.For([0.9, 0.8], [false, false], 0.01));
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
