using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training.Tests;

/// <summary>How sure answers of several labels are, which pictures are unfamiliar and which labels doubtful.</summary>
[Collection("torch")]
public sealed class LabelConfidenceTests : IDisposable
{
    private readonly ToyLabels _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void A_limit_bounds_the_share_of_wrong_labels_among_those_that_are_sure()
    {
        TrainingResult result = Train(_toy.Set, _toy.Quick with { MaxError = 0.2 });

        using Predictor predictor = Predictor.Load(result.ModelPath);
        double threshold = predictor.Card.UnsureBelow!.Value;
        (int answered, int errors) = (0, 0);
        foreach (LabelledImage image in TestImagesOf(result))
        {
            ImagePrediction answer = predictor.Predict(FileOf(image));
            answered += answer.Labels.Count;
            errors += answer.Labels.Except(image.Labels).Count();
            Assert.All(answer.Labels, label => Assert.True(ProbabilityOf(answer, label) >= threshold));
            Assert.All(answer.UnsureLabels, label => Assert.True(ProbabilityOf(answer, label) < threshold));
        }

        Abstention sure = result.Evaluation.Sure!;
        Assert.Equal((threshold, answered, errors), (sure.Threshold, sure.Answered, sure.Errors));
        Assert.InRange(sure.Risk!.Value, 0, 0.4); // few images: the bound is that of the held-out ones
    }

    [Fact]
    public void Pictures_of_another_kind_are_unfamiliar_and_those_of_the_set_are_not()
    {
        TrainingResult result = Train(_toy.Set, _toy.Quick);
        using Predictor predictor = Predictor.Load(result.ModelPath);

        ImagePrediction[] own = [.. TestImagesOf(result).Select(image => predictor.Predict(FileOf(image)))];
        ImagePrediction other = predictor.Predict(Graft.Tests.TinyClassifier.Png(255, 0, 0));

        Assert.True(own.Count(answer => answer.IsFamiliar) >= 0.8 * own.Length);
        Assert.False(other.IsFamiliar, $"{other.Unfamiliarity}");
    }

    [Fact]
    public void A_label_that_was_forgotten_is_found_by_the_doctor_and_named_in_the_report()
    {
        const string Forgotten = "set/009.png"; // checks; 9 is 1 0 0 1
        LabelledImage[] images =
        [
            .. _toy.Images.Select(image => image.Name == Forgotten ? image with { Labels = [] } : image),
        ];
        ImageSet set = SetOf(images);

        TrainingResult result = Train(set, _toy.Quick);
        DataReport report = DataReport.Read(Path.Combine(result.RunFolder, "doctor.json"));

        Finding found = report.Findings.First(one => one.Kind == FindingKind.MissingLabel && one.Path == Forgotten);
        Assert.Equal("checks", found.Suggested);
        string page = File.ReadAllText(Path.Combine(result.RunFolder, "report.html"));
        Assert.Contains("missing label", page, StringComparison.Ordinal);
    }

    private static ImageSet SetOf(LabelledImage[] images) => ImageSet.CreateAsync(images).GetAwaiter().GetResult();

    private TrainingResult Train(ImageSet set, TrainingOptions options) =>
        Trainer.Train(set, _toy.Run("run"), options, cancel: TestContext.Current.CancellationToken);

    private LabelledImage[] TestImagesOf(TrainingResult result)
    {
        Dictionary<string, SplitRow> rows = SplitFile.ReadRows(Path.Combine(result.RunFolder, "split.csv"));
        return [.. _toy.Set.Images.Where(image => rows[image.Name].Part == ImagePart.Test)];
    }

    private string FileOf(LabelledImage image) =>
        _toy.Pictures.Single(path => path.EndsWith(Path.GetFileName(image.Name)));

    private static double ProbabilityOf(ImagePrediction answer, string label) =>
        answer.Scores.Single(score => score.Label == label).Probability;
}
