using Graft.Training.Quantization;

namespace Graft.Training.Tests;

public sealed class RangeSearchTests
{
    [Fact]
    public void Min_and_max_hold_every_value_and_zero()
    {
        ValueRange range = RangeSearch.Of(Histogram([2, 3, 5]), CalibrationMethod.MinMax);

        Assert.Equal(new ValueRange(0, 5), range);
    }

    [Theory]
    [InlineData(CalibrationMethod.Percentile)]
    [InlineData(CalibrationMethod.Entropy)]
    [InlineData(CalibrationMethod.SquaredError)]
    public void The_other_methods_cut_a_lonely_outlier(CalibrationMethod method)
    {
        float[] values = [.. Enumerable.Range(1, 50_000).Select(i => MathF.Abs(MathF.Sin(i)))];
        ValueHistogram histogram = Histogram([4]);
        Array.ForEach([.. Enumerable.Range(0, 40)], _ => histogram.Add(values));

        ValueRange range = RangeSearch.Of(histogram, method);

        Assert.InRange(range.High, 0.8f, 1.2f);
        Assert.Equal(0, range.Low);
    }

    [Theory]
    [InlineData(CalibrationMethod.MinMax)]
    [InlineData(CalibrationMethod.Percentile)]
    [InlineData(CalibrationMethod.Entropy)]
    [InlineData(CalibrationMethod.SquaredError)]
    public void An_edge_of_zeros_has_a_range(CalibrationMethod method)
    {
        ValueRange range = RangeSearch.Of(Histogram(new float[9]), method);

        Assert.Equal((0f, 0f, 1f, (byte)0), (range.Low, range.High, range.Scale, range.ZeroPoint));
    }

    [Fact]
    public void Zero_is_a_level_of_its_own()
    {
        ValueRange range = new(-1, 3);

        Assert.Equal(64, range.ZeroPoint);
        Assert.Equal(4f / 255, range.Scale);
    }

    [Fact]
    public void The_order_of_the_values_does_not_matter()
    {
        float[] values = [.. Enumerable.Range(1, 1000).Select(i => MathF.Tan(i))];

        ValueHistogram forwards = Histogram(values);
        ValueHistogram backwards = new();
        Array.ForEach([.. values.Reverse()], value => backwards.Add([value]));

        Assert.Equal(forwards.Width, backwards.Width);
        Assert.Equal(forwards.Counts.ToArray(), backwards.Counts.ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_no_finite_number_is_refused(float value) =>
        Assert.False(new ValueHistogram().Add([1, value]));

    private static ValueHistogram Histogram(float[] values)
    {
        ValueHistogram histogram = new();
        Assert.True(histogram.Add(values));
        return histogram;
    }
}
