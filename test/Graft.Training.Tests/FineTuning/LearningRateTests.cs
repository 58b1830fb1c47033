using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

public sealed class LearningRateTests
{
    [Theory]
    [InlineData(0, 0.0001)]
    [InlineData(9, 0.001)]
    [InlineData(10, 0.001)]
    [InlineData(60, 0.0005)]
    [InlineData(110, 0)]
    [InlineData(200, 0)]
    public void The_rate_rises_linearly_and_falls_by_half_a_cosine(int step, double expected)
    {
        Assert.Equal(expected, new LearningRate(1e-3, 10, 110).At(step), 1e-12);
    }

    [Fact]
    public void Without_a_warm_up_the_rate_begins_at_the_peak()
    {
        Assert.Equal(0.5, new LearningRate(0.5, 0, 10).At(0));
    }
}
