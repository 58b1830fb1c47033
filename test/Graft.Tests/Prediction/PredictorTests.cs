using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class PredictorTests : IDisposable
{
    private const double Same = 1e-6; // another batch size may add in another order

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_colour_of_an_image_is_its_label()
    {
        using Predictor predictor = Predictor.Load(_folder.Write("m.onnx", TinyClassifier.Model()));

        ImagePrediction prediction = predictor.Predict(TinyClassifier.Png(20, 30, 220));

        Assert.Equal("blue", prediction.Label);
        Assert.Equal(["blue", "green", "red"], prediction.Scores.Select(score => score.Label));
        Assert.Equal(1, prediction.Scores.Sum(score => score.Probability), 1e-5);
        Assert.Equal(
            Math.Exp(4 * (220 - 30) / 127.5),
            prediction.Scores[0].Probability / prediction.Scores[1].Probability,
            0.5
        ); // e^5.96 = 388
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1.5, false)]
    [InlineData(float.NaN, null)]
    public void An_image_is_unfamiliar_if_the_network_scores_it_above_1(float unfamiliarity, bool? isFamiliar)
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        model.Graph.Initializer.Add(TensorValues.FromSingles("strange", [1, 3], [unfamiliarity, 0, 0]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "probabilities", "strange" },
                Output = { "unfamiliarity" },
            }.WithAttribute("transB", 1L)
        );
        model.Graph.Output.Add(EdgeDeclaration.Create("unfamiliarity", [1]));

        if (isFamiliar is null)
        {
            Assert.Contains(
                "'unfamiliarity' is not one number per image",
                Assert.Throws<OnnxException>(() => Predictor.Load(model.ToBytes(), "tiny")).Message,
                StringComparison.Ordinal
            );
            return;
        }

        using Predictor predictor = Predictor.Load(model.ToBytes(), "tiny");
        ImagePrediction prediction = predictor.Predict(TinyClassifier.Png(255, 0, 0));

        Assert.Equal(isFamiliar, prediction.IsFamiliar);
        Assert.Equal(unfamiliarity, prediction.Unfamiliarity!.Value, 0.01);
    }

    [Fact]
    public void A_file_of_an_earlier_version_calls_every_image_familiar()
    {
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");

        ImagePrediction prediction = predictor.Predict(TinyClassifier.Png(20, 30, 220));

        Assert.True(prediction.IsFamiliar);
        Assert.Null(prediction.Unfamiliarity);
    }

    [Fact]
    public void A_path_a_stream_and_bytes_lead_to_the_same_scores()
    {
        byte[] png = TinyClassifier.Png(200, 90, 30);
        string path = _folder.Write("red.png", png);
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
        using MemoryStream stream = new(png);

        ImagePrediction fromPath = predictor.Predict(path);

        Assert.Equal(fromPath.Scores, predictor.Predict(stream).Scores);
        Assert.Equal(fromPath.Scores, predictor.Predict(png).Scores);
    }

    [Fact]
    public async Task Sixteen_threads_get_the_answers_of_one()
    {
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
        byte[][] images =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(i => TinyClassifier.Png((byte)(i * 20), (byte)(255 - (i * 15)), (byte)(i * 7))),
        ];
        IReadOnlyList<LabelScore>[] alone = [.. images.Select(image => predictor.Predict(image).Scores)];

        Task<bool>[] threads =
        [
            .. Enumerable
                .Range(0, 16)
                .Select(thread =>
                    Task.Factory.StartNew(
                        () =>
                            Enumerable
                                .Range(0, 60)
                                .All(i =>
                                    predictor
                                        .Predict(images[(i + thread) % 12])
                                        .Scores.SequenceEqual(alone[(i + thread) % 12])
                                ),
                        TestContext.Current.CancellationToken,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                ),
        ];

        Assert.All(await Task.WhenAll(threads), Assert.True);
    }

    [Fact]
    public void Many_threads_get_the_predictions_of_one_in_constant_memory()
    {
        const long MostGrowth = 64 << 20; // memory that the collector and libvips's threads may still hold
        int count = Environment.GetEnvironmentVariable("GRAFT_HEAVY") == "1" ? 100_000 : 3_000;
        using Predictor predictor = Predictor.Load(
            TinyClassifier.Model(),
            "tiny",
            new PredictorOptions { Threads = 1 }
        );
        byte[][] images =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(i => TinyClassifier.Png((byte)(i * 20), (byte)(255 - (i * 15)), (byte)(i * 7))),
        ];
        IReadOnlyList<LabelScore>[] alone = [.. images.Select(image => predictor.Predict(image).Scores)];
        int wrong = 0;
        void Predict(int from, int to) =>
            Parallel.For(from, to, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
            {
                if (!predictor.Predict(images[i % 12]).Scores.SequenceEqual(alone[i % 12]))
                {
                    Interlocked.Increment(ref wrong);
                }
            });

        Predict(0, count / 3);
        long before = Memory();
        Predict(count / 3, count);

        long after = Memory();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{count} predictions, {wrong} wrong; "
                + $"{before >> 20} MiB resident after a third of them, {after >> 20} MiB at the end"
        );

        Assert.Equal(0, wrong);
        Assert.InRange(after - before, long.MinValue, MostGrowth);
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    [Fact]
    public void Many_images_keep_their_order_and_a_poisoned_one_fails_alone()
    {
        string[] paths =
        [
            .. Enumerable
                .Range(0, 40)
                .Select(i =>
                    _folder.Write($"{i:00}.png", TinyClassifier.Png((byte)(i * 6), 100, (byte)(255 - (i * 6))))
                ),
        ];
        File.WriteAllBytes(paths[7], []);
        File.WriteAllText(paths[20], "a text, not an image");
        File.WriteAllBytes(paths[39], TinyClassifier.Png(1, 2, 3)[..60]);
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");

        PredictionResult[] results =
        [
            .. predictor.PredictMany([.. paths, "nowhere.png"], TestContext.Current.CancellationToken),
        ];

        Assert.Equal([.. paths, "nowhere.png"], results.Select(result => result.Path));
        Assert.Equal([7, 20, 39, 40], Enumerable.Range(0, 41).Where(i => results[i].Prediction is null));
        Assert.All(results, result => Assert.NotEqual(result.Prediction is null, result.Failure is null));
        Assert.StartsWith("0 bytes long", results[7].Failure, StringComparison.Ordinal);
        foreach (PredictionResult result in results.Where(result => result.Prediction is not null))
        {
            ImagePrediction alone = predictor.Predict(result.Path);
            Assert.Equal(alone.Label, result.Prediction!.Label);
            Assert.Equal(alone.Probability, result.Prediction.Probability, Same);
        }
    }

    [Fact]
    public void Many_stops_when_it_is_cancelled()
    {
        using CancellationTokenSource cancel = new();
        string path = _folder.Write("a.png", TinyClassifier.Png(1, 2, 3));
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
        int count = 0;

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (PredictionResult _ in predictor.PredictMany(Enumerable.Repeat(path, 10_000), cancel.Token))
            {
                count++;
                cancel.Cancel();
            }
        });
        Assert.Equal(1, count);
    }

    [Fact]
    public void An_answer_below_the_cards_threshold_is_unsure()
    {
        using Predictor predictor = Predictor.Load(
            TinyClassifier.Model(card => card with { UnsureBelow = 0.9 }),
            "tiny"
        );

        Assert.False(predictor.Predict(TinyClassifier.Png(100, 101, 100)).IsSure);
        Assert.True(predictor.Predict(TinyClassifier.Png(255, 0, 0)).IsSure);
    }

    [Fact]
    public void An_image_that_cannot_be_used_is_named()
    {
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
        string path = _folder.Write("empty.jpg", []);

        ImageException error = Assert.Throws<ImageException>(() => predictor.Predict(path));

        Assert.Contains("empty.jpg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_predictor_throws_an_exception()
    {
        Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
        predictor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(TinyClassifier.Png(1, 2, 3)));
    }

    [Fact]
    public void Threads_out_of_range_are_refused() =>
        Assert.Throws<OptionsException>(() =>
            Predictor.Load(TinyClassifier.Model(), "tiny", new PredictorOptions { Threads = -1 })
        );
}
