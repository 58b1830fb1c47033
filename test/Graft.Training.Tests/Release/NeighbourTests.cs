using System.Text.Json;
using Graft.Explanation;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class NeighbourTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(0)] // a probe
    [InlineData(3)] // a trained tail
    public void A_model_with_its_neighbours_finds_each_training_image_as_its_own_nearest(int epochs)
    {
        TrainingResult result = Train(epochs, withNeighbours: true);
        using NearestImages nearest = NearestImages.Load(result.ModelPath);
        LabelledImage[] known =
        [
            .. RunFolder.Open(result.RunFolder).ReadSplit(cancel: Cancel).Images.Where(image =>
                image.Part != ImagePart.Test
            ),
        ];

        Assert.Equal(known.Length, nearest.Count);
        foreach (LabelledImage image in known.Take(5))
        {
            NearImage found = nearest.Find(Path.Combine(_world.Images, image.Name), count: 1)[0];
            Assert.Equal((image.Name, image.ContentHash), (found.Name, found.ContentHash));
            Assert.Equal(image.Labels, found.Labels);
            Assert.Equal(0, found.Distance, 1e-3);
        }

        Assert.Contains(
            "model.neighbours.zip",
            File.ReadAllText(Path.Combine(result.RunFolder, "log.jsonl")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_model_of_several_seeds_has_its_neighbours_beside_it()
    {
        string folder = _world.Run("seeds");
        TrainingOptions options = _world.Options with { WithNeighbours = true, FineTune = new() { Epochs = 0 } };

        _ = Trainer.Repeat(_world.Images, folder, seeds: 2, options, cancel: Cancel);

        using NearestImages nearest = NearestImages.Load(Path.Combine(folder, "model.onnx"));
        Assert.NotEqual(0, nearest.Count);
    }

    [Fact]
    public void A_model_is_trained_without_its_neighbours_unless_they_are_asked_for()
    {
        TrainingResult result = Train(epochs: 0, withNeighbours: false);

        Assert.False(NearestImages.ExistFor(result.ModelPath));
        Assert.DoesNotContain(
            "withNeighbours",
            File.ReadAllText(Path.Combine(result.RunFolder, "options.json")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_report_shows_the_nearest_training_images_beside_each_mistake_as_the_model_finds_them()
    {
        MislabelSome();
        TrainingResult result = Train(epochs: 0, withNeighbours: true);
        using NearestImages nearest = NearestImages.Load(result.ModelPath);

        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(Path.Combine(result.RunFolder, "nearest.json")));
        JsonElement[] mistakes = [.. file.RootElement.EnumerateArray()];
        string page = File.ReadAllText(Path.Combine(result.RunFolder, RunFolder.ReportName));

        Assert.Equal(result.Evaluation.Count - result.Evaluation.Correct, mistakes.Length);
        Assert.NotEmpty(mistakes);
        Assert.Contains("looks like", page, StringComparison.Ordinal);
        foreach (JsonElement mistake in mistakes)
        {
            string path = Path.Combine(_world.Images, mistake.GetProperty("path").GetString()!);
            double[] distances =
            [
                .. mistake
                    .GetProperty("nearest")
                    .EnumerateArray()
                    .Select(one => one.GetProperty("distance").GetDouble()),
            ];
            Assert.Equal(3, distances.Length);
            // the run's features may be of another engine
            Assert.All(nearest.Find(path, count: 3).Zip(distances), pair =>
                Assert.Equal(pair.First.Distance, pair.Second, 5e-3)
            );
        }
    }

    private TrainingResult Train(int epochs, bool withNeighbours) =>
        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                WithNeighbours = withNeighbours,
                FineTune = epochs == 0 ? new() { Epochs = 0 } : _world.Options.FineTune with { Epochs = epochs },
            },
            cancel: Cancel
        );

    private void MislabelSome()
    {
        foreach (int number in Enumerable.Range(0, 9))
        {
            File.Move(
                Path.Combine(_world.Images, $"checks/{number:00}.png"),
                Path.Combine(_world.Images, $"rings/moved-{number:00}.png")
            );
        }
    }
}
