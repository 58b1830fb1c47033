using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class StratifiedFoldsTests
{
    [Fact]
    public void Every_fold_has_its_share_of_every_class()
    {
        int[] labels = [.. Enumerable.Range(0, 103).Select(n => n % 4)];

        int[] folds = StratifiedFolds.Assign(labels, null, 7);

        foreach (int fold in Enumerable.Range(0, 5))
        {
            Assert.InRange(folds.Count(f => f == fold), 19, 22);
            foreach (int label in Enumerable.Range(0, 4))
            {
                Assert.InRange(labels.Where((l, n) => l == label && folds[n] == fold).Count(), 5, 6);
            }
        }
    }

    [Fact]
    public void A_group_is_never_split()
    {
        int[] labels = [.. Enumerable.Range(0, 120).Select(n => n / 4 % 3)];
        int[] groups = [.. Enumerable.Range(0, 120).Select(n => n / 4)];

        int[] folds = StratifiedFolds.Assign(labels, groups, 1);

        Assert.All(groups.Distinct(), group => Assert.Single(folds.Where((_, n) => groups[n] == group).Distinct()));
        Assert.Equal(5, folds.Distinct().Count());
    }

    [Fact]
    public void Fewer_images_of_a_class_give_fewer_folds()
    {
        int[] labels = [.. Enumerable.Repeat(0, 20), 1, 1, 1];

        Assert.Equal([0, 1, 2], StratifiedFolds.Assign(labels, null, 1).Distinct().Order());
    }

    [Fact]
    public void A_class_of_one_image_is_always_in_training()
    {
        int[] labels = [.. Enumerable.Repeat(0, 10), .. Enumerable.Repeat(1, 10), 2];

        int[] folds = StratifiedFolds.Assign(labels, null, 1);

        Assert.Equal(StratifiedFolds.NeverHeldOut, folds[^1]);
        Assert.DoesNotContain(StratifiedFolds.NeverHeldOut, folds[..^1]);
    }

    [Fact]
    public void A_seed_fixes_the_folds_and_another_changes_them()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(n => n % 3)];

        Assert.Equal(StratifiedFolds.Assign(labels, null, 5), StratifiedFolds.Assign(labels, null, 5));
        Assert.NotEqual(StratifiedFolds.Assign(labels, null, 5), StratifiedFolds.Assign(labels, null, 6));
    }
}
