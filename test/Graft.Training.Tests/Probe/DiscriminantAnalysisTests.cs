using System.Text.Json;
using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class DiscriminantAnalysisTests
{
    private const double Relative = 1e-4; // coordinates are float32, and scores differ in their last digits

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Scores_are_those_of_scikit_learn(int index)
    {
        WeightFile file = SafetensorsFile.Read(SharedData.Find("golden/logistic/features.safetensors"));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedData.Find("golden/lda/expected.json")));
        JsonElement expected = document.RootElement.GetProperty("results")[index];
        int[] labels = [.. file.Tensors["train_labels"].ToSingles().Select(label => (int)label)];
        int[] testLabels = [.. file.Tensors["test_labels"].ToSingles().Select(label => (int)label)];
        float[] test = file.Tensors["test_features"].ToSingles();
        FeatureMatrix features = FeatureMatrix.Of(file.Tensors["train_features"].ToSingles(), labels.Length);

        using DisposeScope scope = NewDisposeScope();
        Standardisation standardisation = Standardisation.Of(features);
        using PrincipalAxes axes = PrincipalAxes.Of(features, standardisation);
        using DiscriminantAnalysis analysis = DiscriminantAnalysis.Of(
            axes.Coordinates.Gather([.. Enumerable.Range(0, labels.Length)]),
            labels,
            [.. labels.Select(_ => 1.0)],
            17,
            features.FeatureCount
        );
        double[] parameters = analysis.Parameters(expected.GetProperty("shrinkage").GetDouble());
        LinearLayer layer = standardisation.Fold(axes.ToFeatures(parameters, 17));
        double[] scores = layer.Logits(test);

        int correct = testLabels.Where((label, n) => Best(scores, n) == label).Count();
        Assert.Equal(expected.GetProperty("test_accuracy").GetDouble(), correct / (double)testLabels.Length, 1e-9);
        double[] first =
        [
            .. expected
                .GetProperty("first_scores")
                .EnumerateArray()
                .SelectMany(row => row.EnumerateArray())
                .Select(score => score.GetDouble()),
        ];
        double largest = first.Max(Math.Abs);
        Assert.InRange(ProbeTestData.LargestDifference(first, scores[..first.Length]), 0, Relative * largest);
    }

    [Fact]
    public void A_row_of_weight_0_is_left_out_and_many_rows_give_what_few_give()
    {
        double[] rows = [1, 2, 0.5, 3, 1, 1, 7, 5, 9, 6, 8, 6.5, 100, -100];
        int[] labels = [0, 0, 0, 1, 1, 1, 0];
        using DisposeScope scope = NewDisposeScope();
        using DiscriminantAnalysis with = DiscriminantAnalysis.Of(
            AlignedTensor.Of(rows, [7, 2]),
            labels,
            [1, 1, 1, 1, 1, 1, 0],
            2,
            2
        );
        using DiscriminantAnalysis without = DiscriminantAnalysis.Of(
            AlignedTensor.Of(rows[..12], [6, 2]),
            labels[..6],
            [1, 1, 1, 1, 1, 1],
            2,
            2
        );
        // the same in seven coordinates, of which five are 0: more coordinates than rows
        double[] wide = new double[6 * 7];
        for (int i = 0; i < 12; i++)
        {
            wide[(i / 2 * 7) + (i % 2)] = rows[i];
        }

        using DiscriminantAnalysis dual = DiscriminantAnalysis.Of(
            AlignedTensor.Of(wide, [6, 7]),
            labels[..6],
            [1, 1, 1, 1, 1, 1],
            2,
            2
        );

        double[] expected = without.Parameters(0.3);
        double[] inSeven = dual.Parameters(0.3);

        Assert.InRange(ProbeTestData.LargestDifference(expected, with.Parameters(0.3)), 0, 1e-9);
        Assert.InRange(
            ProbeTestData.LargestDifference(
                expected,
                [inSeven[0], inSeven[1], inSeven[7], inSeven[8], inSeven[14], inSeven[15]]
            ),
            0,
            1e-9
        );
    }

    [Fact]
    public void The_head_with_the_lowest_loss_out_of_fold_wins_and_is_kept_and_fitted_again()
    {
        // three normal distributions with one long axis that says nothing
        CountedRandom random = new(3, RandomPurpose.HeadValues);
        (float[] features, int[] labels) = Drawn(random, 30);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);
        ProbeTrainingSet rows = new(features, labels, 3);

        ProbeResult plain = ProbeSearch.Run(rows, folds, null, TestContext.Current.CancellationToken);
        ProbeResult mixed = ProbeSearch.Run(
            rows with
            {
                TriesClosedForm = true,
            },
            folds,
            null,
            TestContext.Current.CancellationToken
        );
        ProbeResult kept = ProbeCodec.FromBytes(ProbeCodec.ToBytes(mixed))!;

        Assert.Empty(plain.Heads);
        Assert.Equal(3, mixed.Heads.Count);
        Assert.NotNull(mixed.ClosedForm);
        Assert.True(mixed.Heads[1].Score.Loss < mixed.Heads[0].Score.Loss);
        Assert.Equal(mixed.ClosedForm, kept.ClosedForm);
        Assert.Equal(mixed.Heads[2].Score.Losses, kept.Heads[2].Score.Losses);
        Assert.Equal(
            mixed.Layer.Weight,
            ProbeSearch
                .FitWithPenalty(rows, mixed.InverseL2, null, mixed.ClosedForm, TestContext.Current.CancellationToken)
                .Weight.Select((w, i) => Math.Abs(w - mixed.Layer.Weight[i]) < 1e-4 ? mixed.Layer.Weight[i] : w)
        );
    }

    private static int Best(double[] scores, int row)
    {
        double[] own = scores[(row * 17)..((row + 1) * 17)];
        return Array.IndexOf(own, own.Max());
    }

    private static (float[] Features, int[] Labels) Drawn(CountedRandom random, int count)
    {
        const int Width = 40;
        float[] features = new float[count * Width];
        int[] labels = [.. Enumerable.Range(0, count).Select(n => n % 3)];
        for (int n = 0; n < count; n++)
        {
            double along = 3 * random.Normal((uint)(n * (Width + 1)));
            for (int f = 0; f < Width; f++)
            {
                double own = random.Normal((uint)((n * (Width + 1)) + f + 1));
                features[(n * Width) + f] = (float)(own + along + (f % 3 == labels[n] ? 1 : 0));
            }
        }

        return (features, labels);
    }
}
