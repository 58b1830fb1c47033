using Graft.Training.Metrics;

namespace Graft.Training.Tests.FineTuning;

public sealed class TailEvaluationTests
{
    [Fact]
    public void Accuracy_and_loss_follow_from_the_logits()
    {
        ValidationScore score = ValidationScore.Of([0, 0, (float)Math.Log(3), 0], [0, 1]);

        Assert.Equal(0.5, score.Accuracy); // the first class wins among equal logits
        Assert.Equal((Math.Log(2) + Math.Log(4)) / 2, score.Loss, 1e-6);
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        Assert.Equal(new ValidationScore(1, 0), ValidationScore.Of([1000, -1000], [0]));
    }

    [Fact]
    public void Without_images_the_loss_is_infinite()
    {
        Assert.Equal(new ValidationScore(0, double.PositiveInfinity), ValidationScore.Of([], []));
    }
}
