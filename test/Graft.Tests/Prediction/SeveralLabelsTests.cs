using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class SeveralLabelsTests
{
    [Theory]
    [InlineData(255, 0, 0, "red", "")]
    [InlineData(128, 128, 128, "", "red green blue")] // 0.33 each
    [InlineData(255, 255, 0, "", "red green")] // 0.47 each
    public void Labels_from_their_threshold_on_are_given_and_below_the_confidence_unsure(
        byte red,
        byte green,
        byte blue,
        string labels,
        string unsure
    )
    {
        using Predictor predictor = Load(0.3, unsureBelow: 0.6);

        ImagePrediction answer = predictor.Predict(TinyClassifier.Png(red, green, blue));

        Assert.Equal(labels, string.Join(' ', answer.Labels));
        Assert.Equal(unsure, string.Join(' ', answer.UnsureLabels));
        Assert.Equal(unsure.Length == 0, answer.IsSure);
        Assert.Equal(3, answer.Scores.Count);
    }

    [Fact]
    public void No_label_is_given_where_none_reaches_its_threshold()
    {
        using Predictor predictor = Load(0.5, unsureBelow: null);

        ImagePrediction answer = predictor.Predict(TinyClassifier.Png(128, 128, 128));

        Assert.Empty(answer.Labels);
        Assert.True(answer.IsSure);
    }

    [Fact]
    public void A_model_of_one_label_gives_its_most_probable_class()
    {
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");

        ImagePrediction answer = predictor.Predict(TinyClassifier.Png(0, 255, 0));

        Assert.Equal(["green"], answer.Labels);
        Assert.Empty(answer.UnsureLabels);
    }

    private static Predictor Load(double threshold, double? unsureBelow) =>
        Predictor.Load(
            TinyClassifier.Model(card =>
                card with
                {
                    Task = ClassificationTask.MultiLabel,
                    Thresholds = [threshold, threshold, threshold],
                    UnsureBelow = unsureBelow,
                }
            ),
            "tiny"
        );
}
