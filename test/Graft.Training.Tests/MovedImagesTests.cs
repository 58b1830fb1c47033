namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class MovedImagesTests : IDisposable
{
    private readonly ToyWorld _world = new(imagesPerClass: 8);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_run_resumes_with_moved_images_and_refuses_others()
    {
        TrainingOptions options = _world.Options with { FineTune = _world.Options.FineTune with { Epochs = 2 } };
        using CancellationTokenSource cancel = new();
        Listener events = new(e =>
        {
            if (e is EpochEnded)
            {
                cancel.Cancel();
            }
        });
        Trainer.Train(_world.Images, _world.Run("run"), options, events, cancel.Token);
        string moved = _world.Run("moved");
        Directory.Move(_world.Images, moved);
        string other = _world.Run("other");
        foreach (string file in Directory.GetFiles(moved, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(other, Path.GetRelativePath(moved, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.Copy(Path.Combine(moved, "rings/00.png"), Path.Combine(other, "rings/01.png"), overwrite: true);

        GraftException error = Assert.Throws<GraftException>(() => Resume(other));
        TrainingResult resumed = Resume(moved);

        Assert.Contains($"the images in '{other}' are not those", error.Message, StringComparison.Ordinal);
        Assert.Equal(moved, RunFolder.Open(_world.Run("run")).Record.ImagesPath);
        Assert.True(File.Exists(resumed.ModelPath));
    }

    private TrainingResult Resume(string images) =>
        Trainer.Resume(
            _world.Run("run"),
            new ResumeOptions { Images = images },
            cancel: TestContext.Current.CancellationToken
        );

    private sealed class Listener(Action<TrainingEvent> hear) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => hear(value);
    }
}
