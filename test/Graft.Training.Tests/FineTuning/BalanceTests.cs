using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Probe;
using Graft.Training.Tests.Probe;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class BalanceTests
{
    private static readonly int[] s_labels =
    [
        .. Enumerable.Repeat(0, 50),
        .. Enumerable.Repeat(1, 12),
        .. Enumerable.Repeat(2, 5),
    ]; // 67 images

    [Fact]
    public void Balanced_sampling_draws_all_classes_and_all_images_of_a_class_equally_often()
    {
        (int Image, int Occurrence)[][] epochs =
        [
            .. Enumerable.Range(0, 30).Select(epoch => BalancedEpoch.Draw(s_labels, 3, epoch)),
        ];

        Assert.All(epochs, epoch => Assert.Equal(s_labels.Length, epoch.Length));
        Assert.All(epochs, epoch =>
            Assert.All(epoch.GroupBy(place => s_labels[place.Image]), one => Assert.InRange(one.Count(), 22, 23))
        );
        // an image that is drawn twice has another occurrence, and so another view
        Assert.All(epochs, epoch => Assert.Equal(epoch.Length, epoch.Distinct().Count()));
        int[] times =
        [
            .. Enumerable
                .Range(0, s_labels.Length)
                .Select(image => epochs.Sum(epoch => epoch.Count(place => place.Image == image))),
        ];
        Assert.All(times.Index().GroupBy(one => s_labels[one.Index], one => one.Item), one =>
            Assert.InRange(one.Max() - one.Min(), 0, 1)
        );
    }

    [Fact]
    public void An_epoch_of_balanced_sampling_is_a_function_of_seed_and_epoch()
    {
        Assert.Equal(BalancedEpoch.Draw(s_labels, 3, 7), BalancedEpoch.Draw(s_labels, 3, 7));
        Assert.NotEqual(BalancedEpoch.Draw(s_labels, 3, 7), BalancedEpoch.Draw(s_labels, 3, 8));
        Assert.NotEqual(BalancedEpoch.Draw(s_labels, 3, 7), BalancedEpoch.Draw(s_labels, 4, 7));
    }

    [Theory]
    [InlineData(Balance.Sampling)]
    [InlineData(Balance.Weights)]
    [InlineData(Balance.None)]
    public void Batches_after_a_skip_are_those_of_the_whole_epoch(Balance balance)
    {
        LabelledActivations rows = new(
            new RowNumbers(),
            [.. Enumerable.Range(0, s_labels.Length).Select(i => 4 * i)],
            s_labels,
            4
        )
        {
            Balance = balance,
        };

        string[] whole = [.. rows.ShuffledBatches(10, 1, 2).Select(Text)];
        string[] rest = [.. rows.ShuffledBatches(10, 1, 2, skip: 3).Select(Text)];

        Assert.Equal(7, whole.Length);
        Assert.Equal(whole[3..], rest);
    }

    [Fact]
    public void With_weights_every_class_weighs_the_same_in_an_epoch_and_an_image_one_on_average()
    {
        LabelledActivations rows = new(new RowNumbers(), [.. Enumerable.Range(0, s_labels.Length)], s_labels, 1)
        {
            Balance = Balance.Weights,
        };
        double[] sums = new double[3];

        foreach (Batch batch in rows.ShuffledBatches(10, 1, 0))
        {
            using Batch owned = batch;
            foreach ((long label, float weight) in batch.Labels.data<long>().Zip(batch.Weights!.data<float>()))
            {
                sums[label] += weight;
            }
        }

        Assert.All(sums, sum => Assert.Equal(s_labels.Length / 3.0, sum, 1e-3));
    }

    [Theory]
    [InlineData(null, 20, 10, Balance.None)]
    [InlineData(null, 21, 10, Balance.Weights)]
    [InlineData(Balance.None, 100, 10, Balance.None)]
    [InlineData(Balance.Sampling, 10, 10, Balance.Sampling)]
    public void Weights_are_the_default_and_reported_where_class_sizes_differ_much(
        Balance? asked,
        int largest,
        int smallest,
        Balance expected
    )
    {
        (Balance kind, string? notice) = ClassBalance.Choose(
            asked,
            [("roses", 15), ("lilies", largest), ("tulips", smallest)]
        );

        Assert.Equal(expected, kind);
        Assert.Equal(asked is null && expected == Balance.Weights, notice is not null);
        Assert.Contains(
            "'tulips' has 10 images and 'lilies' 21",
            notice ?? "'tulips' has 10 images and 'lilies' 21",
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_improve_the_recall_of_a_class_with_a_tenth_of_the_images()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(3000, 12, 3, 0.35);
        int[] training = [.. Enumerable.Range(0, 900).Where(n => labels[n] != 0 || n % 10 == 0)];
        int[] test = [.. Enumerable.Range(900, 2100)];

        double[] plain = Recalls(null);
        double[] weighted = Recalls(ClassWeights.Balanced([.. training.Select(n => labels[n])], 3));

        Assert.True(weighted[0] > plain[0] + 0.1, $"{weighted[0]} against {plain[0]}");
        Assert.True(weighted.Average() > plain.Average(), $"{weighted.Average()} against {plain.Average()}");

        double[] Recalls(double[]? weights)
        {
            int[] known = [.. training.Select(n => labels[n])];
            ProbeTrainingSet rows = new([.. training.SelectMany(Row)], known, 3) { Weights = weights };
            LinearLayer layer = ProbeSearch
                .Run(rows, StratifiedFolds.Assign(known, null, 1), null, CancellationToken.None)
                .Layer;
            double[] logits = layer.Logits([.. test.SelectMany(Row)]);
            return
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(c =>
                        test.Index()
                            .Where(one => labels[one.Item] == c)
                            .Average(one =>
                                ProbabilityMatrix.IndexOfLargest<double>(logits.AsSpan(3 * one.Index, 3)) == c ? 1.0 : 0
                            )
                    ),
            ];
        }

        float[] Row(int n) => features[(12 * n)..(12 * (n + 1))];
    }

    private static string Text(Batch batch)
    {
        using Batch owned = batch;
        string images = string.Join(',', batch.Images.data<float>());
        string labels = string.Join(',', batch.Labels.data<long>());
        string weights = string.Join(',', batch.Weights?.data<float>().ToArray() ?? []);
        return $"{images} {labels} {weights}";
    }

    // The only feature of a row is its number.
    private sealed class RowNumbers : IActivationSource
    {
        public Tensor Load(ReadOnlySpan<int> rows) =>
            tensor(Array.ConvertAll(rows.ToArray(), row => (float)row)).view(-1, 1);
    }
}
