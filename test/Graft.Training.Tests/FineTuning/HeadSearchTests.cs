using System.Text.Json;
using Graft.Infrastructure;
using Graft.Training.FineTuning;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;
using Graft.Training.Tests.Probe;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class HeadSearchTests
{
    private const int Features = 8;
    private static readonly double[] s_dropouts = [0, 0.5];

    [Fact]
    public void A_hidden_layer_wins_where_no_plane_separates_the_classes()
    {
        (HeadTrainingSet rows, OutOfFoldScore linear) = Signs(views: 1);

        HeadSearchResult choice = Search(rows, linear);

        Assert.NotNull(choice.Hidden);
        TrialTable table = choice.Tables[^1];
        Assert.Equal("linear", table.Trials[0].Choice);
        Assert.InRange(table.Trials[0].Accuracy, 0.3, 0.7); // the product of two signs has no linear part
        Assert.True(table.Trials.Single(trial => trial.IsChosen).Accuracy > 0.75, JsonSerializer.Serialize(table));
        Assert.Equal(choice.Hidden.Name, table.Trials.Single(trial => trial.IsChosen).Choice);
    }

    [Fact]
    public void The_linear_head_wins_where_a_plane_separates_the_classes()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(240, Features, 3, separation: 1.5);
        (HeadTrainingSet rows, OutOfFoldScore linear) = WithLinear(features, labels, 3, views: 1);

        HeadSearchResult choice = Search(rows, linear);

        Assert.Null(choice.Hidden);
        Assert.Equal("linear", choice.Tables[^1].Trials.Single(trial => trial.IsChosen).Choice);
        Assert.Empty(FineTuningPlanBuilder.WithHead(new(), choice).Head.Hidden!);
    }

    [Fact]
    public void Views_as_further_rows_decide_if_there_are_any()
    {
        (HeadTrainingSet plain, OutOfFoldScore linear) = Signs(views: 1);
        (HeadTrainingSet wide, OutOfFoldScore withViews) = Signs(views: 3);

        HeadSearchResult choice = new HeadSearch(plain, 1, TestContext.Current.CancellationToken).Run(
            linear,
            () => (wide, withViews),
            s_dropouts
        );

        Trial[] trials = [.. choice.Tables[^1].Trials];
        Assert.Equal("linear, 3 views", trials[^2].Choice);
        Assert.True(trials[^1].IsChosen && trials[^1].Choice.EndsWith(", 3 views", StringComparison.Ordinal));
        Assert.Equal(withViews.Loss, trials[^2].Loss);
    }

    [Fact]
    public void A_hidden_layer_far_behind_is_not_tried_with_views()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(240, Features, 3, separation: 1.5);
        (HeadTrainingSet rows, _) = WithLinear(features, labels, 3, views: 1);
        OutOfFoldScore sure = new(new double[labels.Length], 1);

        Assert.Null(
            new HeadSearch(rows, 1, TestContext.Current.CancellationToken)
                .Run(sure, () => throw new InvalidOperationException("tried"), s_dropouts)
                .Hidden
        );
    }

    [Fact]
    public void The_same_seed_finds_the_same_bits_and_a_checkpoint_keeps_them()
    {
        (HeadTrainingSet rows, OutOfFoldScore linear) = Signs(views: 1);

        HeadSearchResult one = Search(rows, linear);
        HeadSearchResult other = Search(rows, linear);
        HeadSearchResult kept = Checkpoint.Of("key", one, []).StateAs<HeadSearchResult>();

        Assert.Equal(JsonSerializer.Serialize(one), JsonSerializer.Serialize(other));
        Assert.Equal(JsonSerializer.Serialize(one), JsonSerializer.Serialize(kept));
        Assert.Equal(one.Hidden, kept.Hidden);
    }

    [Fact]
    public void The_found_head_replaces_that_of_the_options()
    {
        HeadSearchResult found = new(new(64, 0.5, 0.01, ScalesEach: true), []);

        TrainingOptions options = FineTuningPlanBuilder.WithHead(new(), found);

        Assert.Equal([64], options.Head.Hidden);
        Assert.Equal(
            (0.5, true, 0.01, new FineTuneOptions()),
            (options.Head.Dropout, options.Head.ScalesEach, options.HeadTraining.WeightDecay, options.FineTune)
        );
    }

    [Fact]
    public void A_part_of_many_images_has_every_class_and_depends_on_the_seed()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i < 900 ? 0 : i % 3)];
        FoldedImages all = new(new LabelledImage[1000], labels, [.. labels.Select((_, i) => i % 5)]);

        FoldedImages some = all.AtMost(100, seed: 1);

        Assert.InRange(some.Images.Count, 97, 100);
        Assert.Equal([93, 3, 3], Enumerable.Range(0, 3).Select(label => some.Labels.PositivesOf(label)));
        Assert.Equal(some.Folds, all.AtMost(100, seed: 1).Folds);
        Assert.NotEqual(some.Folds, all.AtMost(100, seed: 2).Folds);
        Assert.Same(all, all.AtMost(1000, seed: 1));
    }

    private static HeadSearchResult Search(HeadTrainingSet rows, OutOfFoldScore linear) =>
        new HeadSearch(rows, 1, TestContext.Current.CancellationToken).Run(linear, null, s_dropouts);

    // The sign of the product of two features decides the class; the other features are noise.
    private static (HeadTrainingSet Rows, OutOfFoldScore Linear) Signs(int views)
    {
        CountedRandom random = new(3, RandomPurpose.HeadValues);
        float[] features = [.. Enumerable.Range(0, 300 * views * Features).Select(i => (float)random.Normal((uint)i))];
        int[] labels = new int[300];
        for (int image = 0; image < labels.Length; image++)
        {
            labels[image] = image % 2;
            for (int row = image * views; row < (image + 1) * views; row++)
            {
                float size = 1 + MathF.Abs(features[row * Features]);
                features[row * Features] = size * (image % 4 < 2 ? 1 : -1);
                features[(row * Features) + 1] = size * ((image % 4 < 2) == (labels[image] == 0) ? 1 : -1);
            }
        }

        return WithLinear(features, labels, 2, views);
    }

    private static (HeadTrainingSet Rows, OutOfFoldScore Linear) WithLinear(
        float[] features,
        int[] labels,
        int classCount,
        int views
    )
    {
        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        ProbeTrainingSet rows = new(
            features,
            [.. labels.SelectMany(label => Enumerable.Repeat(label, views))],
            classCount
        );
        ProbeResult probe = ProbeSearch.Run(
            rows,
            [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))],
            null,
            TestContext.Current.CancellationToken
        );
        return (
            new(features, labels, folds, classCount, views),
            OutOfFoldScore.Of(probe.OutOfFoldLogits, labels, views)
        );
    }
}
