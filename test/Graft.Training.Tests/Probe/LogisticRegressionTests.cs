using System.Text.Json;
using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Probe;
using Graft.Training.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class LogisticRegressionTests
{
    private const double ObjectiveTolerance = 1e-6; // relative
    private const double ProbabilityTolerance = 1e-4;
    private const double SameTolerance = 1e-5; // two ways to one minimum, known to 1e-10 of the objective
    private const double Tight = 1e-10;

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(2, false)]
    public void Objective_and_probabilities_are_those_of_scikit_learn(int index, bool rotate)
    {
        WeightFile file = SafetensorsFile.Read(SharedData.Find("golden/logistic/features.safetensors"));
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllText(SharedData.Find("golden/logistic/expected.json"))
        );
        JsonElement expected = document.RootElement.GetProperty("results")[index];
        double inverseL2 = expected.GetProperty("C").GetDouble();
        int[] labels = [.. file.Tensors["train_labels"].ToSingles().Select(label => (int)label)];
        int[] testLabels = [.. file.Tensors["test_labels"].ToSingles().Select(label => (int)label)];
        float[] test = file.Tensors["test_features"].ToSingles();
        float[] features = file.Tensors["train_features"].ToSingles();

        (LinearLayer layer, LogisticSolution solution) = ProbeTestData.Fit(
            features,
            labels,
            17,
            inverseL2,
            Tight,
            rotate: rotate,
            standardisation: ProbeTestData.Floored(features, features.Length / labels.Length)
        );
        double[] probabilities = ProbeTestData.Probabilities(layer, test);

        Assert.True(solution.IsConverged);
        double objective = expected.GetProperty("objective").GetDouble();
        Assert.Equal(objective, solution.Objective, ObjectiveTolerance * objective);
        Assert.Equal(expected.GetProperty("train_loss_sum").GetDouble(), solution.LossSum, 1e-4 * objective);
        double[] first =
        [
            .. expected
                .GetProperty("first_test_probabilities")
                .EnumerateArray()
                .SelectMany(row => row.EnumerateArray())
                .Select(p => p.GetDouble()),
        ];
        Assert.InRange(ProbeTestData.LargestDifference(first, probabilities[..first.Length]), 0, ProbabilityTolerance);
        int correct = testLabels
            .Where(
                (label, n) =>
                    probabilities.AsSpan(n * 17, 17).IndexOf(probabilities[(n * 17)..((n + 1) * 17)].Max()) == label
            )
            .Count();
        Assert.Equal(expected.GetProperty("test_accuracy").GetDouble(), correct / 340.0, 1e-9);
        double loss = testLabels.Select((label, n) => -Math.Log(probabilities[(n * 17) + label])).Average();
        Assert.Equal(expected.GetProperty("test_loss").GetDouble(), loss, ProbabilityTolerance);
    }

    // In two parts; the features of one may all be constant.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rotating_many_features_changes_only_the_time(bool isHalfConstant)
    {
        const int Features = 1540;
        (float[] features, int[] labels) = ProbeTestData.Classes(1541, Features, 3, 0.05);
        for (int i = 0; isHalfConstant && i < features.Length; i++)
        {
            features[i] = i % Features < Features / 2 ? 3 : features[i];
        }

        (LinearLayer rotated, LogisticSolution quick) = ProbeTestData.Fit(features, labels, 3, 1e-5, Tight);
        (LinearLayer direct, LogisticSolution slow) = ProbeTestData.Fit(
            features,
            labels,
            3,
            1e-5,
            Tight,
            rotate: false
        );

        Assert.InRange(quick.Objective / slow.Objective, 1 - 1e-8, 1 + 1e-8);
        Assert.InRange(
            ProbeTestData.LargestDifference(direct.Weight, rotated.Weight),
            0,
            1e-3 * direct.Weight.Max(Math.Abs)
        );
    }

    [Theory]
    [InlineData(40, 300)]
    [InlineData(200, 12)]
    [InlineData(1541, 1540)] // in two parts
    public void Identical_rows_are_refused(int rowCount, int featureCount)
    {
        float[] features = [.. Enumerable.Repeat(3f, rowCount * featureCount)];
        GraftException refused = Assert.Throws<GraftException>(() =>
            ProbeTestData.Fit(features, [.. Enumerable.Range(0, rowCount).Select(row => row % 2)], 2, 0.1, Tight)
        );
        Assert.StartsWith("the features cannot be told apart", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 300)]
    [InlineData(200, 12)]
    public void Principal_axes_change_only_the_time(int rowCount, int featureCount)
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(rowCount, featureCount, 4, 0.5);

        (LinearLayer rotated, LogisticSolution quick) = ProbeTestData.Fit(features, labels, 4, 0.1, Tight);
        (LinearLayer direct, LogisticSolution slow) = ProbeTestData.Fit(features, labels, 4, 0.1, Tight, rotate: false);

        Assert.Equal(slow.Objective, quick.Objective, 1e-8 * slow.Objective);
        Assert.InRange(
            ProbeTestData.LargestDifference(direct.Weight, rotated.Weight),
            0,
            SameTolerance * direct.Weight.Max(Math.Abs) * 10
        );
        Assert.InRange(
            ProbeTestData.LargestDifference(
                ProbeTestData.Probabilities(direct, features),
                ProbeTestData.Probabilities(rotated, features)
            ),
            0,
            SameTolerance * 10
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_gradient_matches_finite_differences_of_the_objective(bool isWeighted)
    {
        const double Step = 1e-5; // the error of the central difference is its square, and rounding 1e-16 / 1e-5
        (float[] features, int[] labels) = ProbeTestData.Classes(30, 5, 3, 0.7);
        double[]? weights = isWeighted ? [.. labels.Select(label => 0.5 + label)] : null;
        using DisposeScope scope = NewDisposeScope();
        using LogisticProblem problem = new(tensor(features).view(30, 5).to(float64), labels, weights, 3);
        CountedRandom random = new(3, RandomPurpose.HeadValues);
        double[] at = [.. Enumerable.Range(0, 18).Select(i => 0.3 * random.Normal((uint)i))];

        double[] gradient = problem
            .Gradient(problem.Loss(problem.Logits(tensor(at))).Probabilities)
            .data<double>()
            .ToArray();

        for (int i = 0; i < at.Length; i++)
        {
            double[] up = (double[])at.Clone();
            double[] down = (double[])at.Clone();
            up[i] += Step;
            down[i] -= Step;
            double difference =
                (problem.Loss(problem.Logits(tensor(up))).Sum - problem.Loss(problem.Logits(tensor(down))).Sum)
                / (2 * Step);
            Assert.Equal(difference, gradient[i], 1e-6 * Math.Max(1, Math.Abs(difference)));
        }
    }

    [Fact]
    public void A_weight_of_two_equals_the_same_row_twice()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(30, 4, 3, 0.7);
        float[] centred = [.. features.Select(value => value - 3)];
        double[] weights = [.. Enumerable.Range(0, 30).Select(n => n < 10 ? 2.0 : 1)];

        LogisticSolution weighted = Solve(centred, labels, weights);
        LogisticSolution repeated = Solve([.. centred, .. centred[..40]], [.. labels, .. labels[..10]], null);

        Assert.Equal(repeated.Objective, weighted.Objective, 1e-8 * repeated.Objective);
        Assert.InRange(
            ProbeTestData.LargestDifference(repeated.Parameters, weighted.Parameters),
            0,
            SameTolerance * 10
        );

        static LogisticSolution Solve(float[] values, int[] labels, double[]? weights)
        {
            using LogisticProblem problem = new(tensor(values).view(labels.Length, 4).to(float64), labels, weights, 3);
            return LogisticRegression.Fit(problem, 1, null, Tight, 5000, CancellationToken.None);
        }
    }

    [Fact]
    public void A_warm_start_ends_where_a_cold_start_does()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(60, 100, 5, 0.3);
        (_, LogisticSolution stronger) = ProbeTestData.Fit(features, labels, 5, 0.03, Tight);

        (LinearLayer cold, LogisticSolution coldSolution) = ProbeTestData.Fit(features, labels, 5, 0.1, Tight);
        (LinearLayer warm, LogisticSolution warmSolution) = ProbeTestData.Fit(
            features,
            labels,
            5,
            0.1,
            Tight,
            start: stronger.Parameters
        );

        Assert.Equal(coldSolution.Objective, warmSolution.Objective, 1e-8 * coldSolution.Objective);
        Assert.InRange(
            ProbeTestData.LargestDifference(
                ProbeTestData.Probabilities(cold, features),
                ProbeTestData.Probabilities(warm, features)
            ),
            0,
            SameTolerance * 10
        );
        (_, LogisticSolution again) = ProbeTestData.Fit(features, labels, 5, 0.1, 1e-8, start: coldSolution.Parameters);
        Assert.Equal(0, again.Iterations);
    }

    [Fact]
    public void Separable_classes_with_almost_no_penalty_are_separated_by_finite_weights()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(60, 20, 3, 5);

        (LinearLayer layer, LogisticSolution solution) = ProbeTestData.Fit(features, labels, 3, 1e6, 1e-6);

        Assert.True(solution.IsConverged);
        Assert.InRange(solution.LossSum, 0, 0.01);
        Assert.All(layer.Weight, weight => Assert.True(double.IsFinite(weight)));
        double[] probabilities = ProbeTestData.Probabilities(layer, features);
        Assert.All(labels.Select((label, n) => probabilities[(n * 3) + label]), p => Assert.InRange(p, 0.99, 1));
    }

    [Fact]
    public void Two_classes_give_the_symmetric_solution()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(50, 6, 2, 0.5);

        (LinearLayer layer, _) = ProbeTestData.Fit(features, labels, 2, 1, Tight);

        for (int f = 0; f < 6; f++)
        {
            Assert.Equal(-layer.Weight[f], layer.Weight[6 + f], SameTolerance * 10);
        }
    }

    [Fact]
    public void The_same_problem_gives_the_same_bits()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(100, 150, 5, 0.3);

        LinearLayer first = ProbeTestData.Fit(features, labels, 5, 0.1, 1e-9).Layer;
        LinearLayer second = ProbeTestData.Fit(features, labels, 5, 0.1, 1e-9).Layer;

        Assert.Equal(first.Weight, second.Weight);
        Assert.Equal(first.Bias, second.Bias);
    }

    [Fact]
    public void No_tensor_outlives_a_fit()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(50, 60, 3, 0.5);
        ProbeTestData.Fit(features, labels, 3, 0.1, 1e-6);
        long before = TensorCount.Settled();

        ProbeTestData.Fit(features, labels, 3, 0.1, 1e-6);

        Assert.Equal(before, Tensor.TotalCount);
    }
}
