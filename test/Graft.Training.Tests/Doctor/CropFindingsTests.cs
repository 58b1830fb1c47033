using Graft.Imaging;
using Graft.Prediction;
using NetVips;

namespace Graft.Training.Tests.Doctor;

/// <summary>Long images with their object at one end, which the centre crop leaves out.</summary>
[Collection("torch")]
public sealed class CropFindingsTests : IDisposable
{
    private readonly ToyWorld _world = new(imagesPerClass: 12);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Long_images_are_named_and_neither_their_labels_nor_their_likeness_are_judged()
    {
        MakeLong(_ => true);

        DataReport cropped = Examine(null);
        DataReport squashed = Examine(ImageFit.Squash);

        Finding[] named = [.. cropped.Findings.Where(finding => finding.Kind == FindingKind.CroppedAway)];
        Assert.Equal(36, named.Length);
        Assert.All(named, finding => Assert.Equal(Severity.Warning, finding.Severity));
        Assert.StartsWith(
            "200 x 40 pixels: the centre crop leaves 84 % of it out",
            named[0].Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(cropped.Findings, finding =>
            finding.Kind is FindingKind.WrongLabel or FindingKind.NearDuplicate
        );
        Assert.Empty(cropped.Labels);
        Assert.Equal((0.842, 0), (cropped.CroppedShare, squashed.CroppedShare));
        Assert.Equal(0.842, named[0].Score);
        Assert.DoesNotContain(squashed.Findings, finding => finding.Kind == FindingKind.CroppedAway);
    }

    [Fact]
    public void A_single_long_image_is_a_note()
    {
        MakeLong(path => path.EndsWith("rings/00.png", StringComparison.Ordinal));

        Finding finding = Assert.Single(Examine(null).Findings, finding => finding.Kind == FindingKind.CroppedAway);

        Assert.Equal((Severity.Note, "rings/00.png"), (finding.Severity, finding.Path));
    }

    [Fact]
    public void A_probe_that_sees_all_of_each_image_is_better_and_its_card_says_how()
    {
        MakeLong(_ => true);

        TrainingResult cropped = Probe("crop", ImageFit.Crop);
        TrainingResult squashed = Probe("squash", ImageFit.Squash);

        Assert.True(squashed.Evaluation.Accuracy > cropped.Evaluation.Accuracy + 0.1); // two of twelve
        using Predictor predictor = Predictor.Load(squashed.ModelPath);
        Assert.Equal(ResizeRule.Squash, predictor.Card.Preprocessing.Resize);
    }

    [Fact]
    public void Where_many_images_are_long_the_fits_are_tried_and_the_better_one_is_taken()
    {
        MakeLong(_ => true);

        TrainingResult found = Probe("found", null);

        TrialTable table = Assert.Single(found.Evaluation.Trials, table =>
            table.Subject == "how images are fitted into the input"
        );
        Assert.Equal(["crop", "pad", "squash"], table.Trials.Select(trial => trial.Choice));
        Trial chosen = Assert.Single(table.Trials, trial => trial.IsChosen);
        Assert.NotEqual("crop", chosen.Choice);
        Assert.True(chosen.Loss < table.Trials[0].Loss, $"{chosen.Loss} and {table.Trials[0].Loss}");
        using Predictor predictor = Predictor.Load(found.ModelPath);
        Assert.Equal(chosen.Choice, predictor.Card.Preprocessing.Resize.ToString().ToLowerInvariant());
        string log = File.ReadAllText(Path.Combine(found.RunFolder, "log.jsonl"));
        Assert.Contains("the centre crop leaves 84 % of the usual image out", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_nearly_square_are_cropped_without_a_trial()
    {
        TrainingResult usual = Probe("usual", null);
        TrainingResult cropped = Probe("cropped", ImageFit.Crop);

        Assert.DoesNotContain(usual.Evaluation.Trials, table => table.Subject.Contains("fitted"));
        Assert.Equal(cropped.Evaluation.Confusion, usual.Evaluation.Confusion);
    }

    private TrainingResult Probe(string name, ImageFit? fit) =>
        Trainer.Train(
            _world.Images,
            _world.Run(name),
            _world.Options with
            {
                Body = _world.Options.Body with { Fit = fit },
                FineTune = new() { Epochs = 0 },
                HeadTraining = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

    private DataReport Examine(ImageFit? fit) =>
        DataDoctor.Examine(
            _world.Images,
            new() { Body = _world.Options.Body with { Fit = fit } },
            cancel: TestContext.Current.CancellationToken
        );

    // Grey beside the picture, which is left and right in turn.
    private void MakeLong(Func<string, bool> isMeant)
    {
        int made = 0;
        foreach (string file in Directory.GetFiles(_world.Images, "*.png", SearchOption.AllDirectories).Order())
        {
            if (isMeant(file.Replace('\\', '/')))
            {
                using Image picture = Image.NewFromBuffer(File.ReadAllBytes(file));
                using Image canvas = picture.Embed(
                    made % 2 * 160,
                    0,
                    200,
                    40,
                    extend: Enums.Extend.Background,
                    background: [128, 128, 128]
                );
                using Image noise = Image.Gaussnoise(200, 40, mean: 0, sigma: 8, seed: made++);
                File.WriteAllBytes(file, (canvas + noise).Cast(Enums.BandFormat.Uchar).PngsaveBuffer());
            }
        }
    }
}
