using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class ProbeSearchTests
{
    [Fact]
    public void The_grid_always_has_thirteen_values_over_six_decades()
    {
        foreach (double size in new[] { 0.01, 1, 36 })
        {
            double[] grid = ProbeSearch.Grid(20 * size * size);

            Assert.True(grid.Length >= 13);
            Assert.True(grid[^1] / grid[0] >= 0.999e6);
            Assert.InRange(grid[0] * 20 * size * size, 0.05, 0.2);
        }
    }

    [Fact]
    public void The_layer_is_the_fit_on_all_rows_with_the_chosen_penalty()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(100, 40, 4, 0.4);

        ProbeResult found = ProbeSearch.Run(
            new(features, labels, 4),
            StratifiedFolds.Assign(labels, null, 1),
            null,
            CancellationToken.None
        );

        Assert.True(found.IsConverged);
        (LinearLayer alone, LogisticSolution solution) = ProbeTestData.Fit(features, labels, 4, found.InverseL2, 1e-10);
        Assert.Equal(solution.Objective, found.Objective, 1e-7 * solution.Objective);
        Assert.InRange(
            ProbeTestData.LargestDifference(
                ProbeTestData.Probabilities(alone, features),
                ProbeTestData.Probabilities(found.Layer, features)
            ),
            0,
            1e-3
        );
    }

    [Theory]
    [InlineData(1)] // at the best value
    [InlineData(0.1)] // two values below: the search goes beyond its edge
    public void A_search_that_starts_near_the_best_penalty_needs_fewer_trials(double factor)
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(100, 40, 4, 0.4);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        ProbeResult whole = ProbeSearch.Run(new(features, labels, 4), folds, null, CancellationToken.None);

        ProbeResult near = ProbeSearch.Run(
            new(features, labels, 4),
            folds,
            null,
            CancellationToken.None,
            whole.InverseL2 * factor
        );

        Assert.Equal(whole.InverseL2, near.InverseL2, 1e-9 * whole.InverseL2);
        Assert.InRange(near.Trials.Count, 3, 6);
        Assert.InRange(
            ProbeTestData.LargestDifference(
                ProbeTestData.Probabilities(whole.Layer, features),
                ProbeTestData.Probabilities(near.Layer, features)
            ),
            0,
            1e-4
        );
    }

    [Fact]
    public void Held_out_logits_are_those_of_a_model_that_did_not_see_the_row()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(60, 30, 3, 0.6);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);

        ProbeResult found = ProbeSearch.Run(new(features, labels, 3), folds, null, CancellationToken.None);

        int[] flipped = (int[])labels.Clone();
        flipped[0] = (labels[0] + 1) % 3; // its own label must not change the logits of row 0
        double[] honest = HeldOut(labels);
        double[] lied = HeldOut(flipped);
        Assert.Equal(honest[..3], lied[..3]);
        Assert.NotEqual(honest, lied);
        // the search stops early
        Assert.InRange(ProbeTestData.LargestDifference(Softmax(honest), Softmax(found.OutOfFoldLogits)), 0, 0.05);

        double[] HeldOut(int[] some)
        {
            using WorkerThreads workers = new();
            FeatureMatrix rows = FeatureMatrix.Of(features, some.Length);
            using PrincipalAxes axes = PrincipalAxes.Of(rows, found.Standardisation, workers: workers);
            using CrossValidation validation = new(new(rows, some, 3), folds, axes.Coordinates, 1e-6, 500, workers);
            return validation.OutOfFold(validation.Score(found.InverseL2, null, CancellationToken.None).Parameters);
        }

        static double[] Softmax(double[] logits) => tensor(logits).view(-1, 3).softmax(1).data<double>().ToArray();
    }

    [Fact]
    public void Noise_gets_a_strong_penalty_and_clear_classes_are_recognised()
    {
        (float[] noise, int[] labels) = ProbeTestData.Classes(90, 50, 3, 0);
        (float[] clear, _) = ProbeTestData.Classes(90, 50, 3, 2);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);

        ProbeResult nothing = ProbeSearch.Run(new(noise, labels, 3), folds, null, CancellationToken.None);
        ProbeResult all = ProbeSearch.Run(new(clear, labels, 3), folds, null, CancellationToken.None);

        Assert.InRange(Trial(nothing).MeanLossNats, Math.Log(3) - 0.05, Math.Log(3) + 0.1);
        Assert.True(nothing.InverseL2 < all.InverseL2);
        Assert.InRange(Trial(all).Accuracy, 0.98, 1);

        static ProbeTrial Trial(ProbeResult result) =>
            result.Trials.Single(trial => trial.InverseL2 == result.InverseL2);
    }

    [Fact]
    public void Balanced_weights_raise_the_recall_of_a_rare_class()
    {
        (float[] features, int[] even) = ProbeTestData.Classes(400, 10, 2, 0.25);
        int[] kept = [.. Enumerable.Range(0, 400).Where(n => even[n] == 0 || n % 20 == 1)];
        float[] skewed = [.. kept.SelectMany(n => features[(n * 10)..((n + 1) * 10)])];
        int[] labels = [.. kept.Select(n => even[n])];
        int[] folds = StratifiedFolds.Assign(labels, null, 1);

        LinearLayer plain = ProbeSearch.Run(new(skewed, labels, 2), folds, null, CancellationToken.None).Layer;
        LinearLayer balanced = ProbeSearch
            .Run(
                new(skewed, labels, 2) { Weights = ClassWeights.Balanced(labels, 2) },
                folds,
                null,
                CancellationToken.None
            )
            .Layer;

        Assert.True(Recall(balanced) > Recall(plain) + 0.1);

        double Recall(LinearLayer layer)
        {
            double[] probabilities = ProbeTestData.Probabilities(layer, features);
            return Enumerable
                .Range(0, 400)
                .Where(n => even[n] == 1)
                .Average(n => probabilities[(n * 2) + 1] > 0.5 ? 1.0 : 0);
        }
    }

    [Fact]
    public void Constant_features_and_a_class_of_one_image_are_harmless()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(61, 8, 2, 2);
        labels[60] = 2;
        for (int n = 0; n < 61; n++)
        {
            features[(n * 8) + 3] = 7;
        }

        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        ProbeResult found = ProbeSearch.Run(new(features, labels, 3), folds, null, CancellationToken.None);

        Assert.All(found.Layer.Weight, weight => Assert.True(double.IsFinite(weight)));
        Assert.Equal(0, found.Layer.Weight[3], 1e-9);
        Assert.True(double.IsNaN(found.OutOfFoldLogits[60 * 3]));
        Assert.All(found.Trials, trial => Assert.True(double.IsFinite(trial.MeanLossNats)));
    }

    [Fact]
    public void The_same_rows_give_the_same_bits_and_no_tensor_leaks()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(80, 120, 4, 0.4);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        ProbeResult first = ProbeSearch.Run(new(features, labels, 4), folds, null, CancellationToken.None);
        long before = TensorCount.Settled();

        ProbeResult second = ProbeSearch.Run(new(features, labels, 4), folds, null, CancellationToken.None);

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(first.Layer.Weight, second.Layer.Weight);
        Assert.Equal(first.OutOfFoldLogits, second.OutOfFoldLogits);
        Assert.Equal(first.Trials, second.Trials);
    }

    [Fact]
    public void Cancelling_stops_the_search()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(80, 20, 4, 0.4);
        using CancellationTokenSource cancel = new();
        cancel.Cancel();
        int threads = get_num_threads();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            ProbeSearch.Run(new(features, labels, 4), StratifiedFolds.Assign(labels, null, 1), null, cancel.Token)
        );
        Assert.Equal(threads, get_num_threads());
    }

    [Fact]
    public void A_feature_that_is_not_a_number_and_a_single_class_are_refused_in_one_line()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(20, 4, 2, 1);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        GraftException lone = Assert.Throws<GraftException>(() =>
            ProbeSearch.Run(new(features, new int[20], 1), folds, null, CancellationToken.None)
        );
        features[5] = float.NaN;
        GraftException bad = Assert.Throws<GraftException>(() =>
            ProbeSearch.Run(new(features, labels, 2), folds, null, CancellationToken.None)
        );

        Assert.Contains("one class", lone.Message);
        Assert.Contains("feature 1 of image 1 is NaN", bad.Message);
    }
}
