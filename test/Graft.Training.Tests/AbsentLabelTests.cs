using Graft.Prediction;

namespace Graft.Training.Tests;

/// <summary>A class that no image of one part has.</summary>
[Collection("torch")]
public sealed class AbsentLabelTests : IDisposable
{
    private readonly ToyLabels _toy = new();
    private readonly List<TrainingEvent> _seen = [];

    public void Dispose() => _toy.Dispose();

    [Theory]
    [InlineData(ImagePart.Train)]
    [InlineData(ImagePart.Validation)]
    [InlineData(ImagePart.Test)]
    public void The_class_is_named_with_the_part_and_never_averaged_as_0(ImagePart part)
    {
        TrainingResult result = Train(part);

        string name = part == ImagePart.Validation ? "val" : part.ToString().ToLowerInvariant();
        Assert.Contains(_seen.OfType<Notice>(), notice =>
            notice.IsWarning && notice.Text.Contains($"the class 'stripes' has no image in the {name} part")
        );
        ClassEvaluation[] classes = [.. result.Evaluation.Classes];
        ClassEvaluation absent = classes.Single(one => one.Name == "stripes");
        Assert.Equal(part == ImagePart.Test, absent.AveragePrecision is null);
        Assert.Equal(
            classes.Select(one => one.AveragePrecision).OfType<double>().Average(),
            result.Evaluation.MeanAveragePrecision!.Value,
            1e-12
        );
        Assert.InRange(result.Evaluation.ValidationAccuracy, 0.5, 1); // the other two classes are learnt
    }

    [Fact]
    public void A_class_that_no_test_image_has_is_named_in_the_report()
    {
        TrainingResult result = Train(ImagePart.Test);

        string report = File.ReadAllText(Path.Combine(result.RunFolder, "report.html"));

        Assert.Contains("No test image has stripes", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_no_training_image_has_is_learnt_as_improbable()
    {
        using Predictor predictor = Predictor.Load(Train(ImagePart.Train).ModelPath);

        double[] probabilities =
        [
            .. _toy.Pictures.Select(path =>
                predictor.Predict(path).Scores.Single(score => score.Label == "stripes").Probability
            ),
        ];

        Assert.All(probabilities, probability => Assert.InRange(probability, 0, 0.9));
    }

    private TrainingResult Train(ImagePart part)
    {
        LabelledImage[] images = [.. _toy.Images.Select((image, i) => image with { Part = PartOf(i) })];
        images =
        [
            .. images.Select(image =>
                image.Part == part ? image with { Labels = [.. image.Labels.Where(one => one != "stripes")] } : image
            ),
        ];
        return Trainer.Train(
            ImageSet.CreateAsync(images).GetAwaiter().GetResult(),
            _toy.Run("run"),
            _toy.Quick,
            new Seen(_seen),
            TestContext.Current.CancellationToken
        );
    }

    // blocks of eight images have each set of textures once
    private static ImagePart PartOf(int i) =>
        (i / 8) switch
        {
            < 4 => ImagePart.Train,
            < 6 => ImagePart.Validation,
            _ => ImagePart.Test,
        };

    private sealed class Seen(List<TrainingEvent> seen) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            lock (seen)
            {
                seen.Add(value);
            }
        }
    }
}
