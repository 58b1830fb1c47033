using Graft.Training.Run;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class SearchedHeadTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private TrainingOptions Options => _world.Options with { Cache = new() { IsOn = false } };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Log_and_evaluation_list_the_tried_heads_and_a_probe_searches_none()
    {
        TrainingResult training = Train("run", Options);
        TrainingResult probe = Train(
            "probe",
            Options with
            {
                FineTune = new() { Epochs = 0 },
                HeadTraining = new() { Epochs = 0 },
            }
        );

        foreach (string file in (string[])["evaluation.json", "log.jsonl"])
        {
            string told = File.ReadAllText(Path.Combine(training.RunFolder, file));
            Assert.Contains("which features the probe sees", told, StringComparison.Ordinal);
            Assert.Contains("which head is trained", told, StringComparison.Ordinal);
            Assert.Contains("linear, 2 views", told, StringComparison.Ordinal);
            Assert.DoesNotContain(
                "which head",
                File.ReadAllText(Path.Combine(probe.RunFolder, file)),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void A_run_stopped_after_the_head_search_resumes_without_another_to_the_same_bytes()
    {
        using CancellationTokenSource stop = new();
        Train(
            "stopped",
            Options,
            new Listener(seen =>
            {
                if (seen is EpochEnded)
                {
                    stop.Cancel();
                }
            }),
            stop.Token
        );
        string kept = Assert.Single(
            Directory.GetFiles(CheckpointFolder.PathIn(_world.Run("stopped")), "*-head.safetensors")
        );
        DateTime written = File.GetLastWriteTimeUtc(kept);
        DateTime? again = null;

        TrainingResult resumed = Trainer.Resume(
            _world.Run("stopped"),
            progress: new Listener(seen =>
                again ??= seen is PhaseEnded { Phase: "probe" } ? File.GetLastWriteTimeUtc(kept) : null
            ),
            cancel: TestContext.Current.CancellationToken
        );
        TrainingResult whole = Train("whole", Options);

        Assert.Equal(written, again);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
    }

    [Fact]
    public void A_second_training_takes_the_searched_head_from_the_cache()
    {
        TrainingOptions options = _world.Options with { Cache = new() { Folder = _world.Run("cache") } };

        TrainingResult first = Train("first", options);
        TrainingResult second = Train("second", options);

        Assert.Equal(Scores.Of(first.RunFolder), Scores.Of(second.RunFolder));
        Assert.Equal(1, CacheContents.Read(options.Cache).Entries.Single(entry => entry.Edge == "searched heads").Rows);
    }

    [Fact]
    public void A_named_head_is_not_searched()
    {
        foreach (HeadOptions head in (HeadOptions[])[new() { Hidden = [] }, new() { Start = HeadStart.Probe }])
        {
            TrainingResult result = Train($"{head.Start}", Options with { Head = head });

            Assert.DoesNotContain(
                "which head",
                File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")),
                StringComparison.Ordinal
            );
        }
    }

    private TrainingResult Train(
        string name,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken? cancel = null
    ) =>
        Trainer.Train(
            _world.Images,
            _world.Run(name),
            options,
            progress,
            cancel ?? TestContext.Current.CancellationToken
        );

    private sealed class Listener(Action<TrainingEvent> hear) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => hear(value);
    }
}
