using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.FineTuning;
using Graft.Training.Probe;

namespace Graft.Training.Tests.Probe;

public sealed class ValidationSchemeTests : IDisposable
{
    private const int FewestOfAClass = 5;
    private static readonly ProbePlan s_plan = new(Pooling.Auto, Seed: 1, NeedsHoldOut: false);
    private readonly ToyWorld _world = new(); // 20 images of each of three classes, 16 of which are not test images

    [Fact]
    public void Enough_validation_images_are_a_hold_out_and_too_few_give_folds()
    {
        ValidationScheme enough = ValidationScheme.Of(Read(0.4), s_plan);
        ValidationScheme few = ValidationScheme.Of(Read(0.15), s_plan);
        ValidationScheme withTarget = ValidationScheme.Of(Read(0.15), s_plan with { NeedsHoldOut = true });

        Assert.Null(enough.Folds);
        Assert.Null(withTarget.Folds); // a target is checked after every epoch
        Assert.True(enough.Labels.Numbers.GroupBy(label => label).All(group => group.Count() >= FewestOfAClass));
        Assert.Equal(3, few.FoldCount);
        Assert.Equal(48, few.Images.Count);
        Assert.Contains("3-fold cross-validation over 48 images", few.Description);
    }

    [Fact]
    public void Every_image_is_scored_once_by_a_training_without_it_and_logits_keep_their_order()
    {
        ValidationScheme validation = ValidationScheme.Of(Read(0.15), s_plan);
        Dictionary<string, float> numbers = validation
            .Images.Index()
            .ToDictionary(image => image.Item.Name, image => (float)image.Index);
        List<float[]> logits = [];
        for (int fold = 0; fold < validation.FoldCount; fold++)
        {
            (IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> heldOut) = validation.PartsOf(fold);
            Assert.Empty(
                training.Select(image => image.ContentHash).Intersect(heldOut.Select(image => image.ContentHash))
            );
            Assert.Equal(validation.All.Count, training.Count + heldOut.Count);
            logits.Add([.. heldOut.SelectMany(image => new[] { numbers[image.Name], -numbers[image.Name] })]);
        }

        float[] joined = validation.Join(logits, classCount: 2);

        Assert.Equal([.. Enumerable.Range(0, validation.Images.Count).SelectMany(n => new[] { n, -(float)n })], joined);
    }

    [Fact]
    public void A_candidate_wins_by_a_clearly_higher_accuracy_and_otherwise_by_its_loss()
    {
        int[] labels = [.. Enumerable.Range(0, 40).Select(n => n % 2)];
        ModelCandidate right = Of(labels, _ => 4);
        ModelCandidate slightlyWrong = Of(labels, n => n == 0 ? -0.1f : 4);
        ModelCandidate badlyWrong = Of(labels, n => n is 1 ? -4 : 4);
        ModelCandidate fourWrong = Of(labels, n => n < 4 ? -0.1f : 4);

        Assert.True(slightlyWrong.IsBetterThan(badlyWrong)); // one image more decides nothing, so the loss decides
        Assert.False(badlyWrong.IsBetterThan(slightlyWrong));
        Assert.True(right.IsBetterThan(fourWrong));
        Assert.True(badlyWrong.IsBetterThan(fourWrong)); // three images more win, although the loss is higher
        Assert.True(badlyWrong.Score.Loss > fourWrong.Score.Loss);
    }

    [Theory]
    [InlineData(11, true, false)]
    [InlineData(12, true, true)]
    [InlineData(11, false, true)]
    public void A_handful_of_held_out_images_cannot_distinguish_it_from_the_probe(
        int count,
        bool isOutOfFold,
        bool canTell
    )
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(n => n % 2)];
        ProbeCandidate probe = Probe(Of(labels, n => n < 4 ? -1 : 4));
        ModelCandidate tuned = Of(labels, _ => 4) with { IsOutOfFold = isOutOfFold };

        CandidateSelection choice = CandidateSelection.Between(probe, tuned, "");

        Assert.True(tuned.IsBetterThan(probe));
        Assert.Equal(canTell ? tuned : probe, choice.Shipped);
        Assert.Equal(
            !canTell,
            choice.Reason.Contains(
                "11 images are too few to tell whether fine-tuning is better",
                StringComparison.Ordinal
            )
        );
    }

    [Theory]
    [InlineData(null, "The probe is shipped: fine-tuning was not better")]
    [InlineData("training was cancelled", "The probe is shipped: training was cancelled before fine-tuning was better")]
    public void What_ended_fine_tuning_early_is_the_reason(string? cut, string reason)
    {
        int[] labels = [.. Enumerable.Range(0, 40).Select(n => n % 2)];
        ProbeCandidate probe = Probe(Of(labels, _ => 4));

        CandidateSelection choice = CandidateSelection.Between(probe, Of(labels, n => n < 4 ? -1 : 4), "", cut);

        Assert.StartsWith(reason, choice.Reason, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    private TrainingData Read(double validationShare) =>
        TrainingData.Read(
            _world.Images,
            DataPlan.Of(_world.Options with { ValidationShare = validationShare }),
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );

    private static ProbeCandidate Probe(ModelCandidate candidate)
    {
        ProbeResult fit = new(new LinearLayer(2, 1, [0, 0], [0, 0]), new Standardisation([0], [1]), 1, [], [], 0, true);
        return new(fit, new(fit), candidate.Network, candidate.Score, candidate.Logits, candidate.Labels);
    }

    // The margin by which the right class of each image leads.
    private static ModelCandidate Of(int[] labels, Func<int, float> margin)
    {
        OnnxModel network = OnnxModel.Create("two classes");
        network.Graph.Output.Add(EdgeDeclaration.Create("logits", [2]));
        float[] logits = [.. labels.SelectMany((label, n) => label == 0 ? new[] { margin(n), 0 } : [0, margin(n)])];
        return ModelCandidate.Of("x", network, logits, labels, "");
    }
}
