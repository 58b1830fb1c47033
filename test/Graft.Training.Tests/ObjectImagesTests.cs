namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class ObjectImagesTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public async Task Images_from_streams_train_the_same_model_as_their_folder()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TrainingResult fromFolder = Trainer.Train(_world.Images, _world.Run("folder"), _world.Options, cancel: cancel);

        ImageSet set = await ImageSet.CreateAsync(Streams(), cancel: cancel);
        TrainingResult fromStreams = await Trainer.TrainAsync(
            set,
            _world.Run("streams"),
            _world.Options,
            cancel: cancel
        );

        Assert.Equal(
            await File.ReadAllBytesAsync(fromFolder.ModelPath, cancel),
            await File.ReadAllBytesAsync(fromStreams.ModelPath, cancel)
        );
    }

    [Fact]
    public async Task A_stopped_run_of_objects_needs_these_objects_again()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ImageSet set = await ImageSet.CreateAsync(Streams(), cancel: cancel);
        using CancellationTokenSource stop = new();
        Seen events = new(e =>
        {
            if (e is EpochEnded { Epoch: 2 })
            {
                stop.Cancel();
            }
        });
        Trainer.Train(set, _world.Run("run"), _world.Options, events, stop.Token);

        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            Trainer.Resume(_world.Run("run"), cancel: cancel)
        );
        TrainingResult resumed = Trainer.Resume(_world.Run("run"), set, cancel: cancel);
        TrainingResult whole = Trainer.Train(set, _world.Run("whole"), _world.Options, cancel: cancel);

        Assert.Contains("its images are objects of the program that started it", error.Message);
        Assert.Equal(
            await File.ReadAllBytesAsync(whole.ModelPath, cancel),
            await File.ReadAllBytesAsync(resumed.ModelPath, cancel)
        );
    }

    [Fact]
    public async Task A_probe_trains_on_the_parts_of_a_given_split()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ImageSplit split = await ImageSet
            .FromFolder(_world.Images, cancel: cancel)
            .SplitAsync(new() { TestShare = 0.3 }, null, cancel);

        TrainingResult result = Trainer.Probe(split, _world.Run("probe"), _world.Options, cancel: cancel);

        Assert.Equal("probe", result.Evaluation.Shipped);
        Assert.Equal(split.Test.Length, result.Evaluation.Count);
    }

    [Fact]
    public void Repeated_seeds_of_a_set_have_a_run_each()
    {
        RepeatedTraining all = Trainer.Repeat(
            ImageSet.FromFolder(_world.Images, cancel: TestContext.Current.CancellationToken),
            _world.Run("all"),
            seeds: 2,
            _world.Options with
            {
                FineTune = new() { Epochs = 0 },
                HeadTraining = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal([1L, 2L], all.Seeds.Select(seed => seed.Seed));
        Assert.All(all.Seeds, seed =>
            Assert.True(File.Exists(Path.Combine(_world.Run("all"), seed.Run, "model.onnx")))
        );
    }

    [Fact]
    public void Repeated_seeds_of_groups_are_tested_on_groups_of_their_own()
    {
        ImageSetOptions options = new() { Data = new() { GroupBy = @"\d(\d)\.png" } };

        RepeatedTraining all = Trainer.Repeat(
            ImageSet.FromFolder(_world.Images, options, cancel: TestContext.Current.CancellationToken),
            _world.Run("grouped"),
            seeds: 3,
            _world.Options with
            {
                FineTune = new() { Epochs = 0 },
                HeadTraining = new() { Epochs = 0 },
                TestShare = 0.3,
            },
            cancel: TestContext.Current.CancellationToken
        );

        string first = Path.Combine(_world.Run("grouped"), all.Seeds[0].Run);
        Assert.True(RunEvaluation.Read(Path.Combine(first, "evaluation.json")).TestGroups > 0);
        Assert.StartsWith("path,label,split,group", File.ReadAllText(Path.Combine(first, "split.csv")));
        Assert.False(all.IsOneTest);
    }

    [Fact]
    public void A_stopped_repetition_of_a_set_is_continued_by_repeating_it_again()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ImageSet set = ImageSet.FromFolder(_world.Images, cancel: cancel);
        TrainingOptions options = _world.Options with
        {
            FineTune = new() { Epochs = 0 },
            HeadTraining = new() { Epochs = 0 },
        };
        using CancellationTokenSource stop = new();
        Seen events = new(e =>
        {
            if (e is PhaseEnded { Phase: "evaluate" })
            {
                stop.Cancel();
            }
        });

        RepeatedTraining stopped = Trainer.Repeat(set, _world.Run("all"), 2, options, events, stop.Token);
        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            Trainer.ResumeRepeat(_world.Run("all"), cancel: cancel)
        );
        RepeatedTraining repeated = Trainer.Repeat(set, _world.Run("all"), 2, options, cancel: cancel);

        Assert.Empty(stopped.Seeds);
        Assert.Contains("repeat the training from a program, with these images", error.Message);
        Assert.Equal([1L, 2L], repeated.Seeds.Select(seed => seed.Seed));
    }

    public void Dispose() => _world.Dispose();

    private IEnumerable<LabelledImage> Streams() =>
        from path in Directory.EnumerateFiles(_world.Images, "*.png", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(_world.Images, path).Replace('\\', '/')
        select new LabelledImage(name.Split('/')[0], name, _ =>
            ValueTask.FromResult<Stream>(new MemoryStream(File.ReadAllBytes(path)))
        );

    private sealed class Seen(Action<TrainingEvent> act) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => act(value);
    }
}
