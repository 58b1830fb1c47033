using System.Text.Json;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Tests;

[Collection("torch")]
public sealed class TrainerTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public void A_folder_of_images_becomes_a_file_that_predicts()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(result.Evaluation.Accuracy >= 0.75, $"accuracy {result.Evaluation.Accuracy}");
        using Predictor predictor = Predictor.Load(result.ModelPath);
        Assert.Equal(["checks", "rings", "stripes"], predictor.Card.Labels);
        string[] files =
        [
            "doctor.json",
            "log.jsonl",
            "model.json",
            "model.onnx",
            "nearest.json",
            "options.json",
            "predictions.csv",
            "report.html",
            "split.csv",
            "timing.json",
            "evaluation.json",
        ];
        Assert.Equal(files.Order(), Directory.GetFiles(result.RunFolder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_gives_others()
    {
        TrainingResult first = Trainer.Train(
            _world.Images,
            _world.Run("first"),
            _world.Options with
            {
                Threads = 2,
            },
            cancel: TestContext.Current.CancellationToken
        );
        TrainingResult second = Trainer.Train(
            _world.Images,
            _world.Run("second"),
            _world.Options with
            {
                Threads = 2,
            },
            cancel: TestContext.Current.CancellationToken
        );
        TrainingResult other = Trainer.Train(
            _world.Images,
            _world.Run("other"),
            _world.Options with
            {
                Threads = 2,
                Seed = 2,
            },
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal(File.ReadAllBytes(first.ModelPath), File.ReadAllBytes(second.ModelPath));
        Assert.NotEqual(File.ReadAllBytes(first.ModelPath), File.ReadAllBytes(other.ModelPath));
    }

    [Fact]
    public void Evaluation_json_holds_what_users_and_programs_look_for()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"))
        );
        string[] keys =
        [
            "accuracy",
            "count",
            "correct",
            "logLoss",
            "calibrationError",
            "classes",
            "confusion",
            "probeAccuracy",
            "shipped",
            "seconds",
            "calibrationErrorBefore",
            "temperature",
            "riskCoverage",
        ];
        Assert.All(keys, key => Assert.True(json.RootElement.TryGetProperty(key, out _), key));
        Assert.Contains(json.RootElement.GetProperty("shipped").GetString(), (string[])["probe", "fine-tuned"]);
        Assert.Equal(12, json.RootElement.GetProperty("count").GetInt32()); // a fifth of 60
        string[] phases = ["read", "extract", "first answer", "export", "probe", "fine-tune", "evaluate"];
        Assert.Equal(phases, json.RootElement.GetProperty("seconds").EnumerateObject().Select(phase => phase.Name));
    }

    [Fact]
    public void What_lies_before_the_cut_is_shipped_bit_for_bit_and_what_lies_behind_it_has_changed()
    {
        TrainingOptions options = _world.Options with
        {
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 6,
                BodyRate = 0.02,
                Batch = 8,
            },
            Head = new() { Start = HeadStart.Random, Hidden = [16] },
            HeadTraining = new() { Epochs = 2 },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        OnnxModel before = ToyWorld.Body();
        OnnxModel after = OnnxModel.Load(result.ModelPath);
        Assert.Equal(ValuesOf(before, "a.weight"), ValuesOf(after, "a.weight"));
        Assert.Equal(
            result.Evaluation.Shipped == "fine-tuned",
            !ValuesOf(before, "b.weight").SequenceEqual(ValuesOf(after, "b.weight"))
        );
    }

    [Fact]
    public void The_probe_alone_leaves_the_body_untouched()
    {
        TrainingOptions options = _world.Options with { FineTune = new() { Epochs = 0 } };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.Equal("probe", result.Evaluation.Shipped);
        Assert.Equal(result.Evaluation.ProbeAccuracy, result.Evaluation.Accuracy);
        Assert.Equal(ValuesOf(ToyWorld.Body(), "b.weight"), ValuesOf(OnnxModel.Load(result.ModelPath), "b.weight"));
    }

    [Fact]
    public void A_truncated_image_is_left_out_and_named()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(_world.Images, "rings", "03.png"));
        _world.Write("images/rings/03.png", whole[..(whole.Length / 2)]);
        Events events = new();

        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                RejectedLimit = 0.05,
            },
            events,
            TestContext.Current.CancellationToken
        );

        Assert.Contains(events.Seen.OfType<Notice>(), notice =>
            notice.IsWarning && notice.Text.Contains("rings/03.png", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            "rings/03.png",
            File.ReadAllText(Path.Combine(_world.Run("run"), "split.csv")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Too_many_unusable_images_stop_the_run_before_training()
    {
        _world.Write("images/rings/03.png", []);

        GraftException error = Assert.Throws<GraftException>(() =>
            Trainer.Train(
                _world.Images,
                _world.Run("run"),
                _world.Options,
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Contains("rings/03.png", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_world.Run("run"), "model.onnx")));
    }

    [Fact]
    public void No_tensor_outlives_an_epoch()
    {
        List<long> counts = [];
        Events events = new(e =>
        {
            if (e is EpochEnded { Phase: "fine-tune" })
            {
                counts.Add(TorchSharp.torch.Tensor.TotalCount);
            }
        });

        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                FineTune = _world.Options.FineTune with { Epochs = 6 },
            },
            events,
            TestContext.Current.CancellationToken
        );

        Assert.True(counts.Count >= 6);
        Assert.Single(counts.Take(6).Distinct());
    }

    [Fact]
    public void A_rate_that_makes_the_loss_infinite_rolls_back_to_good_weights_and_is_reported()
    {
        Events events = new();
        TrainingOptions options = _world.Options with
        {
            Head = new() { Start = HeadStart.Random, Hidden = [64, 64] },
            HeadTraining = new() { Epochs = 0 },
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 6,
                BodyRate = 1,
                HeadRate = 10,
                Batch = 4,
                WarmUpShare = 0,
                MaxRollbacks = 10,
            },
        };

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            events,
            TestContext.Current.CancellationToken
        );

        Assert.Contains(events.Seen.OfType<Notice>(), notice =>
            notice.Text.Contains("back to the best weights", StringComparison.Ordinal)
        );
        Assert.True(result.Evaluation.Accuracy >= result.Evaluation.ProbeAccuracy - 0.1);
    }

    [Fact]
    public void A_run_stops_as_soon_as_the_target_accuracy_is_reached()
    {
        TrainingOptions options = _world.Options with
        {
            TargetAccuracy = 0.5,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 50,
                BodyRate = 0.01,
                Batch = 8,
            },
        };
        Events events = new();

        Trainer.Train(_world.Images, _world.Run("run"), options, events, TestContext.Current.CancellationToken);

        Assert.Contains(events.Seen.OfType<PhaseEnded>(), end =>
            end.Phase == "fine-tune" && end.Result.Contains("target accuracy", StringComparison.Ordinal)
        );
        Assert.True(events.Seen.OfType<EpochEnded>().Count() < 50);
    }

    [Fact]
    public void A_cancelled_run_ships_the_best_so_far_and_resumes_to_the_same_end()
    {
        using CancellationTokenSource cancel = new();
        TrainingOptions options = _world.Options with
        {
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 5,
                BodyRate = 0.001,
                Batch = 8,
            },
        };
        Events events = new(e =>
        {
            if (e is EpochEnded { Epoch: 2 })
            {
                cancel.Cancel();
            }
        });

        TrainingResult cancelled = Trainer.Train(_world.Images, _world.Run("run"), options, events, cancel.Token);
        bool isThere = File.Exists(cancelled.ModelPath);
        TrainingResult resumed = Trainer.Resume(_world.Run("run"), cancel: TestContext.Current.CancellationToken);
        TrainingResult whole = Trainer.Train(
            _world.Images,
            _world.Run("whole"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(isThere);
        Assert.InRange(events.Seen.OfType<EpochEnded>().Count(), 2, 3);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
    }

    [Fact]
    public void A_run_whose_folder_is_removed_stops_and_does_not_create_it_again()
    {
        Events events = new(e =>
        {
            if (e is EpochEnded { Epoch: 2 })
            {
                Directory.Delete(_world.Run("run"), recursive: true);
            }
        });

        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            Trainer.Train(
                _world.Images,
                _world.Run("run"),
                _world.Options,
                events,
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(
            $"'{_world.Run("run")}' cannot be written: it was removed while the run went on; start a new run",
            error.Message
        );
        Assert.False(Directory.Exists(_world.Run("run")));
    }

    [Fact]
    public void All_options_out_of_range_are_named_in_one_message()
    {
        OptionsException error = Assert.Throws<OptionsException>(() =>
            new TrainingOptions
            {
                TestShare = 2,
                FineTune = new() { Epochs = -1, QuarterDecay = 3 },
                Head = new() { Hidden = [0] },
            }.Validate()
        );

        Assert.Equal(
            ["TestShare", "Head.Hidden", "FineTune.Epochs", "FineTune.QuarterDecay"],
            error.Problems.Select(problem => problem.Property)
        );
        Assert.All(error.Problems, problem => Assert.Contains($"{problem}", error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }

    public void Dispose() => _world.Dispose();

    private static float[] ValuesOf(OnnxModel model, string weight) =>
        TensorValues.ToSingles(model.Graph.Initializer.Single(t => t.Name == weight));

    private sealed class Events(Action<TrainingEvent>? also = null) : IProgress<TrainingEvent>
    {
        private readonly List<TrainingEvent> _seen = [];

        public IReadOnlyList<TrainingEvent> Seen => _seen;

        public void Report(TrainingEvent value)
        {
            lock (_seen)
            {
                _seen.Add(value);
            }

            also?.Invoke(value);
        }
    }
}
