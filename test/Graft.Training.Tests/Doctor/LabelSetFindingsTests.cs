using Graft.Training.Doctor;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.Doctor;

public sealed class LabelSetFindingsTests
{
    private static readonly string[] Classes = ["bolt", "nut"];

    // 20 images; those of even numbers have a bolt, the first ten a nut
    private readonly byte[] _labels = [.. Enumerable.Range(0, 20).SelectMany(i => new[] { IsBolt(i), IsNut(i) })];
    private readonly double[] _logits;

    public LabelSetFindingsTests() => _logits = [.. _labels.Select(has => has == 1 ? 2.0 : -2.0)];

    [Fact]
    public void Labels_that_agree_with_the_probe_are_no_finding() => Assert.Empty(Find());

    [Fact]
    public void A_missing_label_and_a_wrong_one_are_found_each_class_by_itself()
    {
        _labels[(3 * 2) + 0] = 1; // 3 is labelled as a bolt and is none
        _labels[(4 * 2) + 1] = 0; // 4 shows a nut without its label
        _logits[(3 * 2) + 0] = -3;
        _logits[(4 * 2) + 1] = 5;

        Finding[] found = [.. Find()];

        Assert.Equal(
            [("4.jpg", FindingKind.MissingLabel, "nut"), ("3.jpg", FindingKind.WrongLabel, "bolt")],
            found.Select(one => (one.Path, one.Kind, one.Suggested))
        );
        Assert.Equal([5, 3], found.Select(one => one.Score));
    }

    [Fact]
    public void A_doubt_that_is_smaller_than_the_usual_certainty_is_no_finding()
    {
        _logits[(4 * 2) + 1] = -0.5; // a nut that is hard to see

        Assert.Empty(Find());
    }

    [Fact]
    public void An_image_that_was_never_held_out_is_no_finding()
    {
        _labels[(3 * 2) + 0] = 1;
        _logits[(3 * 2) + 0] = double.NaN;

        Assert.Empty(Find());
    }

    [Fact]
    public void The_mean_of_an_images_views_decides()
    {
        _labels[(4 * 2) + 1] = 0;
        double[] views = [.. Enumerable.Range(0, 20).SelectMany(image => Row(image).Concat(Row(image)))];
        views[(4 * 4) + 1] = 9;
        views[(4 * 4) + 3] = -1;

        Finding found = Assert.Single(Find(views));

        Assert.Equal(("4.jpg", 4.0), (found.Path, found.Score));
    }

    private static byte IsBolt(int image) => (byte)(image % 2 == 0 ? 1 : 0);

    private static byte IsNut(int image) => (byte)(image < 10 ? 1 : 0);

    private double[] Row(int image) => _logits[(image * 2)..((image * 2) + 2)];

    private IReadOnlyList<Finding> Find(double[]? logits = null) =>
        LabelSetFindings.Of(
            [.. Enumerable.Range(0, 20).Select(i => new LabelledImage($"{i}.jpg", ""))],
            Classes,
            TrueLabels.OfSets(_labels, 2),
            logits ?? _logits
        );
}
