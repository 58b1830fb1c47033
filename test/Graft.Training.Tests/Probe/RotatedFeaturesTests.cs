using Graft.Torch;
using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class RotatedFeaturesTests
{
    private const int Count = 9_000; // five blocks of 2,000 rows
    private const int FeatureCount = 500;
    private readonly float[] _values =
    [
        .. Enumerable.Range(0, Count * FeatureCount).Select(i => (float)Math.Sin(i * 0.7)),
    ];

    [Fact]
    public void Rows_in_a_file_give_the_same_bits_as_rows_in_memory()
    {
        using RotatedFeatures held = Rows(null, long.MaxValue);
        using RotatedFeatures filed = Rows(null, mostInMemory: 1);

        Assert.Equal(Products(held), Products(filed));
    }

    [Fact]
    public void Two_threads_give_the_same_bits_as_one()
    {
        using WorkerThreads workers = new(2);
        using RotatedFeatures alone = Rows(null, long.MaxValue);
        using RotatedFeatures shared = Rows(workers, mostInMemory: 1);

        Assert.Equal(Products(alone), Products(shared));
    }

    [Fact]
    public void Products_equal_those_of_the_whole_matrix()
    {
        using DisposeScope scope = NewDisposeScope();
        using RotatedFeatures rows = Rows(null, mostInMemory: 1);
        Tensor whole = AlignedTensor.Of(_values, [Count, FeatureCount]).to(ScalarType.Float64);
        Tensor left = Left().to(ScalarType.Float64);

        double[] expected = left.mm(whole).flatten().data<double>().ToArray();
        double[] found = rows.InDouble.TransposedTimes([left])[0].flatten().data<double>().ToArray();

        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    private RotatedFeatures Rows(WorkerThreads? workers, long mostInMemory)
    {
        RotatedFeatures rows = new(Count, FeatureCount, workers, mostInMemory);
        rows.Fill(
            (from, to) =>
                AlignedTensor.Of(_values[(from * FeatureCount)..(to * FeatureCount)], [to - from, FeatureCount])
        );
        return rows;
    }

    private static Tensor Left() =>
        AlignedTensor.Of([.. Enumerable.Range(0, 3 * Count).Select(i => Math.Cos(i * 0.3))], [3, Count]); // [C,N]

    private static double[] Products(RotatedFeatures rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = AlignedTensor.Of(
            [.. Enumerable.Range(0, 3 * FeatureCount).Select(i => Math.Sin(i * 0.1))],
            [3, FeatureCount]
        ); // [C,r]
        Tensor[] all =
        [
            rows.Times([weight])[0],
            rows.TransposedTimes([Left()])[0],
            rows.ColumnSquares([ones(Count, ScalarType.Float64)])[0],
        ];
        return [.. all.SelectMany(product => product.flatten().data<double>().ToArray())];
    }
}
