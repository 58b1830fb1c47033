using System.IO.Compression;
using Graft.Prediction;

namespace Graft.Training.Tests.Data;

/// <summary>Trainings whose images lie in an archive.</summary>
[Collection("torch")]
public sealed class ArchivedTrainingTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_archive_gives_the_model_of_its_folders()
    {
        TrainingResult plain = Probe(_world.Images, "plain");
        TrainingResult archived = Probe(Zip(), "archived");

        Assert.Equal(File.ReadAllBytes(plain.ModelPath), File.ReadAllBytes(archived.ModelPath));
    }

    [Fact]
    public void A_model_is_evaluated_on_an_archive()
    {
        TrainingResult result = Probe(_world.Images, "plain");
        using Predictor model = Predictor.Load(result.ModelPath);
        ImageSet plain = SampleImages.Load(_world.Images);
        ImageSet archived = SampleImages.Load(Zip());

        Assert.Equal(
            ModelEvaluation.Evaluate(model, plain.Images, cancel: TestContext.Current.CancellationToken).Accuracy,
            ModelEvaluation.Evaluate(model, archived.Images, cancel: TestContext.Current.CancellationToken).Accuracy
        );
    }

    [Fact]
    public void An_earlier_run_is_not_continued_with_an_archive()
    {
        _ = Probe(_world.Images, "first");
        TrainingOptions further = _world.Options with
        {
            Body = new TrainingOptions().Body,
            ContinueFrom = _world.Run("first"),
        };

        GraftException stop = Assert.Throws<GraftException>(() =>
            Trainer.Probe(Zip(), _world.Run("second"), further, cancel: TestContext.Current.CancellationToken)
        );

        Assert.Contains("its images lie inside an archive or a table; convert them to files first", stop.Message);
    }

    private TrainingResult Probe(string images, string run) =>
        Trainer.Probe(images, _world.Run(run), _world.Options, cancel: TestContext.Current.CancellationToken);

    private string Zip()
    {
        string zip = _world.Run("images.zip");
        ZipFile.CreateFromDirectory(_world.Images, zip);
        return zip;
    }
}
