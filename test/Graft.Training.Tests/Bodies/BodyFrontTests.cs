using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public sealed class BodyFrontTests
{
    [Fact]
    public void The_front_leaves_out_what_another_beats_in_speed_and_accuracy()
    {
        IReadOnlyList<BodyRecommendation> front = BodyFront.Of([
            One("slow", 40, 0.8),
            One("beaten", 50, 0.7),
            One("equal but slower", 41, 0.8),
            One("fast", 5, 0.6),
        ]);

        Assert.Equal(["fast", "slow"], front.Select(one => one.Body.Name));
    }

    [Theory]
    [InlineData(null, "c e f")] // 90 ms, at most 30 ms, at most 10 ms
    [InlineData(40.0, "b c e")] // 30 ms, at most 10 ms, at most 3.3 ms
    [InlineData(3.0, "a b")]
    [InlineData(0.5, "")]
    public void Chosen_are_the_most_accurate_one_and_those_in_a_third_and_a_ninth_of_its_time(
        double? budget,
        string names
    )
    {
        BodyRecommendation[] front =
        [
            One("a", 1, 0.5),
            One("b", 3, 0.6),
            One("c", 9, 0.7),
            One("d", 10.5, 0.72),
            One("e", 30, 0.8),
            One("f", 90, 0.9),
        ];

        IReadOnlyList<BodyRecommendation> chosen = BodyFront.Choose(
            front,
            budget is double most ? TimeSpan.FromMilliseconds(most) : null
        );

        Assert.Equal(names, string.Join(' ', chosen.Select(one => one.Body.Name)));
    }

    [Fact]
    public void A_network_is_not_measured_where_another_is_as_accurate_with_a_third_of_the_work()
    {
        IReadOnlyList<BodyInfo> worth = BodyFront.WorthMeasuring([
            One("small", 1, 0.8, 100).Body,
            One("large", 1, 0.8, 300).Body,
            One("larger but better", 1, 0.9, 900).Body,
        ]);

        Assert.Equal(["small", "larger but better"], worth.Select(one => one.Name));
    }

    [Fact]
    public void A_named_body_is_measured_without_weights() =>
        Assert.InRange(
            BodyCatalog.MeasureTime("mobilenet_v1_025", 1, TestContext.Current.CancellationToken),
            TimeSpan.FromTicks(1),
            TimeSpan.FromSeconds(10)
        );

    [Fact]
    public void Every_published_accuracy_belongs_to_a_network_of_the_catalogue()
    {
        BodyInfo[] known = [.. BodyCatalog.List().Where(body => body.ImageNetAccuracy is not null)];

        Assert.Equal(41, known.Length);
        Assert.All(known, body => Assert.InRange(body.ImageNetAccuracy!.Value, 0.5, 0.9));
    }

    private static BodyRecommendation One(string name, double milliseconds, double accuracy, long work = 1) =>
        new(
            new()
            {
                Name = name,
                Aliases = [],
                Parameters = 1,
                MultiplyAdds = work,
                FeatureWidth = 1,
                InputWidth = 224,
                InputHeight = 224,
                Availability = BodyAvailability.Embedded,
                ImageNetAccuracy = accuracy,
            },
            TimeSpan.FromMilliseconds(milliseconds)
        );
}
