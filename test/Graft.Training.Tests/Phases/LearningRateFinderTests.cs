namespace Graft.Training.Tests.Phases;

[Collection("torch")]
public sealed class LearningRateFinderTests : IDisposable
{
    private static readonly RateFinderOptions s_search = new();
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_loss_falls_and_then_explodes_and_the_suggestion_lies_between()
    {
        RateCurve curve = Find();

        double start = curve.Points[0].SmoothedLoss,
            least = curve.Points[curve.Minimum].SmoothedLoss;
        Assert.InRange(least, 0, 0.9 * start);
        Assert.True(
            curve.Points[^1].SmoothedLoss > 1.5 * least
                || curve.Stopped.Contains("not finite", StringComparison.Ordinal),
            curve.Stopped
        );
        Assert.InRange(curve.SuggestedRate!.Value, 1e-4, curve.Points[curve.Minimum].Rate);
        Assert.Equal(Math.Min(curve.SteepestRate!.Value, curve.TenthOfMinimumRate!.Value), curve.SuggestedRate);
        Assert.False(curve.IsHeadAlone);
    }

    [Fact]
    public void The_same_seed_gives_the_same_curve_and_another_seed_another()
    {
        RateCurve first = Find(),
            second = Find();

        Assert.Equal(first.Points, second.Points);
        Assert.NotEqual(first.Points, Find(seed: 2).Points);
    }

    [Fact]
    public void If_only_the_head_is_trained_the_rate_is_that_of_head_training()
    {
        RateCurve curve = LearningRateFinder.Find(
            _world.Images,
            Options with
            {
                FineTune = new() { Train = TrainedPart.HeadOnly },
            },
            s_search,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(curve.IsHeadAlone);
        Assert.NotNull(curve.SuggestedRate);
    }

    [Fact]
    public void Rates_grow_by_one_factor_from_the_lowest_to_the_highest()
    {
        Assert.Equal(1e-6, s_search.RateAt(0), 12);
        Assert.Equal(10, s_search.RateAt(99), 9);
        Assert.Equal(s_search.RateAt(1) / s_search.RateAt(0), s_search.RateAt(71) / s_search.RateAt(70), 9);
    }

    [Fact]
    public void The_steepest_descent_and_a_tenth_of_the_minimum_are_read_off_the_curve()
    {
        RateCurve curve = Curve(3, 3, 2.5, 1.2, 1.15, 1.1, 2); // rates 1, 10, 100 …

        Assert.Equal(
            (5, 100.0, 10_000.0, 100.0, true),
            (curve.Minimum, curve.SteepestRate, curve.TenthOfMinimumRate, curve.SuggestedRate, curve.IsSteepestTaken)
        );
    }

    [Theory]
    [InlineData(2.0, 2.0, 1.99, 2.0, 3.0)] // it only trembles
    [InlineData(2.0, 2.5, 3.0, 9.0, 9.5)] // it only rises
    public void A_loss_that_does_not_fall_suggests_nothing(params double[] losses)
    {
        RateCurve curve = Curve(losses);

        Assert.Equal((null, null, null), (curve.SteepestRate, curve.TenthOfMinimumRate, curve.SuggestedRate));
    }

    [Fact]
    public void All_values_out_of_range_are_named_at_once()
    {
        OptionsException error = Assert.Throws<OptionsException>(() =>
            new RateFinderOptions { Steps = 5, Smoothing = 1 }.Validate()
        );

        Assert.Equal(
            "'Steps' cannot be 5: it must lie between 20 and 1000; "
                + "'Smoothing' cannot be 1: it must lie between 0 and 0.99",
            error.Message
        );
    }

    [Fact]
    public void A_cancelled_search_ends_at_once()
    {
        using CancellationTokenSource source = new();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            LearningRateFinder.Find(_world.Images, Options, s_search, cancel: source.Token)
        );
    }

    private TrainingOptions Options =>
        _world.Options with
        {
            Threads = 2,
            Cache = new() { Folder = _world.Run("cache") },
        };

    private RateCurve Find(long seed = 1) =>
        LearningRateFinder.Find(
            _world.Images,
            Options with
            {
                Seed = seed,
            },
            s_search,
            cancel: TestContext.Current.CancellationToken
        );

    private static RateCurve Curve(params double[] losses) =>
        new([.. losses.Select((loss, i) => new RatePoint(Math.Pow(10, i), loss, loss))], false, "");
}
