using Graft.Infrastructure;

namespace Graft.Tests;

public sealed class CountedRandomTests
{
    // Random123's kat_vectors, philox4x32 10: counter, key, result.
    public static TheoryData<uint[], uint[], uint[]> KnownAnswers =>
        new()
        {
            { [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
            {
                [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
                [0xffffffff, 0xffffffff],
                [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
            },
            {
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
            },
        };

    [Theory]
    [MemberData(nameof(KnownAnswers))]
    public void The_generator_reproduces_the_published_test_vectors(uint[] counter, uint[] key, uint[] expected)
    {
        CountedRandom.Words words = CountedRandom.Philox(
            new(counter[0], counter[1], counter[2], counter[3]),
            key[0] | ((ulong)key[1] << 32)
        );

        Assert.Equal(new(expected[0], expected[1], expected[2], expected[3]), words);
    }

    [Fact]
    public void Every_part_of_the_counter_changes_the_draw()
    {
        double[] draws =
        [
            new CountedRandom(1, RandomPurpose.View, 1, 1, 1).Uniform(1),
            new CountedRandom(2, RandomPurpose.View, 1, 1, 1).Uniform(1),
            new CountedRandom(1UL << 40, RandomPurpose.View, 1, 1, 1).Uniform(1),
            new CountedRandom(1, RandomPurpose.Split, 1, 1, 1).Uniform(1),
            new CountedRandom(1, RandomPurpose.View, 2, 1, 1).Uniform(1),
            new CountedRandom(1, RandomPurpose.View, 1, 2, 1).Uniform(1),
            new CountedRandom(1, RandomPurpose.View, 1, 1UL << 40, 1).Uniform(1),
            new CountedRandom(1, RandomPurpose.View, 1, 1, 2).Uniform(1),
            new CountedRandom(1, RandomPurpose.View, 1, 1, 1).Uniform(2),
        ];

        Assert.Equal(draws.Length, draws.Distinct().Count());
    }

    [Fact]
    public void A_permutation_has_every_number_once_and_all_orders_are_about_equally_likely()
    {
        const int Seeds = 12_000;
        Dictionary<string, int> orders = [];

        for (ulong seed = 0; seed < Seeds; seed++)
        {
            string order = string.Join(' ', new CountedRandom(seed, RandomPurpose.BatchOrder).Permutation(4));
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, orders.Count);
        Assert.All(orders.Values, count => Assert.InRange(count, 400, 600)); // 500 expected, standard deviation 22
    }

    [Fact]
    public void Uniform_and_normal_numbers_have_their_moments()
    {
        const int Count = 100_000;
        const double Tolerance = 0.02; // four standard errors of the mean of a normal are 0.013
        CountedRandom random = new(7, RandomPurpose.HeadValues);

        double[] uniform = [.. Enumerable.Range(0, Count).Select(draw => random.Uniform((uint)draw))];
        double[] normal = [.. Enumerable.Range(0, Count).Select(draw => random.Normal((uint)draw))];

        Assert.All(uniform, x => Assert.InRange(x, 0, 1 - 1e-16));
        Assert.Equal(0.5, uniform.Average(), Tolerance);
        Assert.Equal(0, normal.Average(), Tolerance);
        Assert.Equal(1, normal.Average(x => x * x), Tolerance);
        Assert.Equal(3, normal.Average(x => x * x * x * x), 0.16); // five standard errors
    }

    [Fact]
    public void Below_returns_every_number_under_its_bound_and_refuses_an_empty_range()
    {
        CountedRandom random = new(3, RandomPurpose.Split);

        HashSet<int> seen = [.. Enumerable.Range(0, 1000).Select(draw => random.Below(7, (uint)draw))];

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], seen.Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Below(0, 0));
    }
}
