using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training.Tests.Data;

public sealed class IterativeStratificationTests
{
    private const double OnePerCent = 0.01;

    public static TheoryData<int> Matrices => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Matrices))]
    public void Every_fold_has_its_share_of_every_label_within_one_image_or_one_per_cent(int seed)
    {
        (StratifiedUnit[] units, int labels, int folds) = Random(seed);

        int[] fold = IterativeStratification.Assign(units, labels, Equal(folds));

        Check(units, labels, fold, Equal(folds));
    }

    [Theory]
    [MemberData(nameof(Matrices))]
    public void Parts_of_different_sizes_have_their_shares_of_every_label_too(int seed)
    {
        (StratifiedUnit[] units, int labels, _) = Random(seed);
        double[] shares = [0.2, 0.12, 0.68];

        int[] part = IterativeStratification.Assign(units, labels, shares);

        Check(units, labels, part, shares);
    }

    [Fact]
    public void A_rare_label_is_in_each_part_where_it_has_enough_images()
    {
        StratifiedUnit[] units =
        [
            .. Enumerable
                .Range(0, 100)
                .Select(i => new StratifiedUnit(1, i is 5 or 50 or 95 ? [(0, 1), (1, 1)] : [(1, 1)])),
        ];

        int[] part = IterativeStratification.Assign(units, 2, [0.2, 0.12, 0.68], fillsAll: true);

        Assert.Equal([0, 1, 2], new[] { part[5], part[50], part[95] }.Order());
    }

    [Fact]
    public void Images_without_a_label_are_spread_too()
    {
        StratifiedUnit[] units =
        [
            .. Enumerable.Range(0, 100).Select(i => new StratifiedUnit(1, i < 40 ? [(0, 1)] : [])),
        ];

        int[] fold = IterativeStratification.Assign(units, 1, Equal(5));

        Assert.All(Enumerable.Range(0, 5), f => Assert.Equal(20, fold.Count(own => own == f)));
    }

    [Fact]
    public void Labels_that_always_come_together_are_spread_alike()
    {
        StratifiedUnit[] units =
        [
            .. Enumerable.Range(0, 90).Select(i => new StratifiedUnit(1, i % 3 == 0 ? [(0, 1), (1, 1)] : [(2, 1)])),
        ];

        int[] fold = IterativeStratification.Assign(units, 3, Equal(3));

        Check(units, 3, fold, Equal(3));
    }

    // Labels of different frequency, some of which often come together.
    private static (StratifiedUnit[] Units, int Labels, int Folds) Random(int seed)
    {
        CountedRandom random = new((ulong)seed, RandomPurpose.Folds);
        uint draw = 0;
        double Next() => random.Uniform(draw++);
        int images = 60 + (int)(Next() * 800);
        int labels = 2 + (int)(Next() * 14);
        double[] frequency = [.. Enumerable.Range(0, labels).Select(_ => 0.02 + (0.4 * Next() * Next()))];
        List<StratifiedUnit> units = [];
        for (int image = 0; image < images; image++)
        {
            bool isBusy = Next() < 0.3;
            int[] own = [.. Enumerable.Range(0, labels).Where(label => Next() < frequency[label] * (isBusy ? 2 : 0.6))];
            units.Add(new(1, [.. own.Select(label => (label, 1))]));
        }

        return ([.. units], labels, 2 + (seed % 4));
    }

    private static double[] Equal(int folds) => [.. Enumerable.Repeat(1.0 / folds, folds)];

    private static void Check(StratifiedUnit[] units, int labels, int[] subsets, double[] shares)
    {
        for (int subset = 0; subset < shares.Length; subset++)
        {
            int size = subsets.Count(own => own == subset);
            for (int label = 0; label < labels; label++)
            {
                int all = units.Count(unit => unit.Counts.Any(one => one.Label == label));
                int here = units
                    .Where((unit, i) => subsets[i] == subset && unit.Counts.Any(one => one.Label == label))
                    .Count();
                double wanted = all * shares[subset];
                Assert.InRange(here - wanted, -Math.Max(1, OnePerCent * size), Math.Max(1, OnePerCent * size));
            }
        }
    }
}
