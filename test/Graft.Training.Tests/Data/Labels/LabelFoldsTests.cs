using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training.Tests.Data;

public sealed class LabelFoldsTests
{
    [Fact]
    public void Groups_stay_in_one_fold_and_the_labels_are_spread()
    {
        int[] groups = [.. Enumerable.Range(0, 120).Select(i => i / 2)];
        TrueLabels targets = Matrix(120, (image, label) => image / 2 % (label + 2) == 0, labels: 3);

        int[] folds = LabelFolds.Assign(targets, groups, 1, 5);

        Assert.All(groups.Distinct(), group => Assert.Single(folds.Where((_, i) => groups[i] == group).Distinct()));
        for (int label = 0; label < 3; label++)
        {
            int fewest = Enumerable
                .Range(0, 5)
                .Min(fold => folds.Index().Count(one => one.Item == fold && targets.Has(one.Index, label)));
            Assert.InRange(fewest, (targets.PositivesOf(label) / 5) - 2, targets.PositivesOf(label));
        }
    }

    [Fact]
    public void The_only_image_of_a_label_is_always_in_training()
    {
        TrueLabels targets = Matrix(30, (image, label) => label == 0 ? image == 7 : image % 2 == 0, labels: 2);

        int[] folds = LabelFolds.Assign(targets, [.. Enumerable.Range(0, 30)], 1, 3);

        Assert.Equal(StratifiedFolds.NeverHeldOut, folds[7]);
        Assert.Equal(1, folds.Count(fold => fold == StratifiedFolds.NeverHeldOut));
    }

    [Fact]
    public void A_seed_fixes_the_folds_and_another_changes_them()
    {
        TrueLabels targets = Matrix(90, (image, label) => (image * (label + 3)) % 7 < 2, labels: 4);
        int[] Folds(ulong seed) => LabelFolds.Assign(targets, [.. Enumerable.Range(0, 90)], seed, 5);

        Assert.Equal(Folds(5), Folds(5));
        Assert.NotEqual(Folds(5), Folds(6));
    }

    private static TrueLabels Matrix(int images, Func<int, int, bool> has, int labels) =>
        TrueLabels.OfSets(
            [
                .. from image in Enumerable.Range(0, images)
                from label in Enumerable.Range(0, labels)
                select (byte)(has(image, label) ? 1 : 0),
            ],
            labels
        );
}
