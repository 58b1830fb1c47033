using System.Text.Json.Nodes;
using Graft.Torch;
using Graft.Training.Metrics;
using Graft.Training.Probe;
using static Graft.Training.Tests.GoldenLabels;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class OneVsRestTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void All_classes_solved_together_are_scikit_learn_s_solutions_of_each_by_itself(int index)
    {
        JsonNode expected = Json["one_vs_rest"]![index]!;

        double[] found = Solve(Labels, (double)expected["C"]!, positiveWeights: null);

        double[] weights = [.. expected["weights"]!.AsArray().SelectMany(row => Doubles(row!))];
        Near([.. weights, .. Doubles(expected["intercepts"]!)], found, 1e-3);
    }

    [Fact]
    public void A_class_that_no_row_has_ends_with_a_small_finite_probability()
    {
        byte[] sets = Labels.Sets.ToArray();
        for (int i = 0; i < sets.Length; i += Classes)
        {
            sets[i] = 0;
        }

        double[] found = Solve(TrueLabels.OfSets(sets, Classes), 1, positiveWeights: null);

        Assert.All(found, value => Assert.True(double.IsFinite(value)));
        Assert.InRange(Sigmoid.Of(found[Classes * Features]), 0, 0.05);
    }

    [Fact]
    public void The_weight_of_positives_is_that_of_repeated_rows()
    {
        double[] twice = [.. Enumerable.Repeat(2.0, Classes)];

        double[] plain = Solve(Labels, 1, positiveWeights: null);
        double[] weighted = Solve(Labels, 1, twice);

        for (int c = 0; c < Classes; c++)
        {
            int bias = (Classes * Features) + c;
            Assert.True(weighted[bias] > plain[bias], $"{c}: {weighted[bias]} is not above {plain[bias]}");
        }
    }

    private static double[] Solve(TrueLabels labels, double inverseL2, double[]? positiveWeights)
    {
        using RotatedFeatures rows = RotatedFeatures.Of(
            AlignedTensor.Of(Doubles(Json["features"]!), [labels.Count, Features])
        );
        using LogisticProblem problem = new(rows, labels, null, Classes, positiveWeights);
        return LogisticRegression
            .Fit(problem, inverseL2, null, 1e-13, 5000, TestContext.Current.CancellationToken)
            .Parameters;
    }
}
