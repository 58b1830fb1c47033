using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class PredictorAsyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Predictor _predictor = Predictor.Load(TinyClassifier.Model(), "tiny");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _predictor.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Asynchronous_predictions_equal_synchronous_ones()
    {
        byte[] png = TinyClassifier.Png(200, 90, 30);
        string path = _folder.Write("red.png", png);
        using MemoryStream stream = new(png);
        ImagePrediction expected = _predictor.Predict(path);

        Assert.Equal(expected.Scores, (await _predictor.PredictAsync(path, Cancel)).Scores);
        Assert.Equal(expected.Scores, (await _predictor.PredictAsync(png, Cancel)).Scores);
        Assert.Equal(expected.Scores, (await _predictor.PredictAsync(stream, Cancel)).Scores);
    }

    [Fact]
    public async Task A_stream_is_read_only_asynchronously_and_stays_open()
    {
        using AsyncOnlyStream stream = new(TinyClassifier.Png(20, 30, 220));

        ImagePrediction prediction = await _predictor.PredictAsync(stream, Cancel);

        Assert.Equal("blue", prediction.Label);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task An_error_names_the_stream()
    {
        using MemoryStream empty = new();

        ImageException error = await Assert.ThrowsAsync<ImageException>(() =>
            _predictor.PredictAsync(empty, "upload.png", Cancel)
        );

        Assert.Equal("upload.png", error.Path);
        Assert.Equal(ImageFault.Empty, error.Fault);
    }

    [Fact]
    public async Task A_stream_over_the_limit_is_refused()
    {
        byte[] png = TinyClassifier.Png(1, 2, 3);
        Limits limits = new() { Image = new() { FileBytes = png.Length - 1 } };
        using Predictor predictor = Predictor.Load(TinyClassifier.Model(), "tiny", new() { Limits = limits });
        using AsyncOnlyStream stream = new(png);

        ImageException error = await Assert.ThrowsAsync<ImageException>(() => predictor.PredictAsync(stream, Cancel));

        Assert.Equal(ImageFault.OverLimit, error.Fault);
    }

    [Fact]
    public async Task A_cancelled_prediction_does_not_run()
    {
        using MemoryStream stream = new(TinyClassifier.Png(1, 2, 3));
        CancellationToken cancelled = new(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _predictor.PredictAsync(stream, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _predictor.PredictAsync("a.png", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _predictor.PredictAsync([1, 2], cancelled));
    }

    [Fact]
    public async Task Many_files_keep_their_order_and_a_bad_one_fails_alone()
    {
        string[] paths =
        [
            .. Enumerable
                .Range(0, 40)
                .Select(i =>
                    _folder.Write($"{i:00}.png", TinyClassifier.Png((byte)(i * 6), 100, (byte)(255 - (i * 6))))
                ),
        ];
        File.WriteAllText(paths[20], "a text, not an image");

        List<PredictionResult> results = [];
        await foreach (PredictionResult result in _predictor.PredictManyAsync(paths, Cancel))
        {
            results.Add(result);
        }

        PredictionResult[] expected = [.. _predictor.PredictMany(paths, Cancel)];
        Assert.Equal(paths, results.Select(result => result.Path));
        Assert.Equal([20], Enumerable.Range(0, 40).Where(i => results[i].Prediction is null));
        Assert.Equal(expected[20].Failure, results[20].Failure);
        Assert.Equal(
            expected.Select(result => result.Prediction?.Label),
            results.Select(result => result.Prediction?.Label)
        );
    }

    [Fact]
    public async Task Named_images_are_opened_once_and_disposed()
    {
        AsyncOnlyStream stream = new(TinyClassifier.Png(20, 220, 30));
        NamedImage[] images =
        [
            new("row 1", _ => new(stream)),
            new("row 2", _ => throw new IOException("the connection is closed")),
        ];

        List<PredictionResult> results = [];
        await foreach (PredictionResult result in _predictor.PredictManyAsync(images, Cancel))
        {
            results.Add(result);
        }

        Assert.Equal(["row 1", "row 2"], results.Select(result => result.Path));
        Assert.Equal("green", results[0].Prediction?.Label);
        Assert.StartsWith("it could not be read", results[1].Failure, StringComparison.Ordinal);
        Assert.False(stream.CanRead);
    }

    [Fact]
    public async Task Many_stop_when_they_are_cancelled()
    {
        using CancellationTokenSource cancel = new();
        string path = _folder.Write("a.png", TinyClassifier.Png(1, 2, 3));
        int count = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            IEnumerable<string> paths = Enumerable.Repeat(path, 10_000);
            await foreach (PredictionResult _ in _predictor.PredictManyAsync(paths, cancel.Token))
            {
                count++;
                await cancel.CancelAsync();
            }
        });

        Assert.Equal(1, count);
    }

    /// <summary>Refuses synchronous reads, as the body of an ASP.NET request does.</summary>
    private sealed class AsyncOnlyStream(byte[] content) : MemoryStream
    {
        private readonly MemoryStream _content = new(content);

        public override int Read(byte[] buffer, int offset, int count) => throw Refused();

        public override int Read(Span<byte> buffer) => throw Refused();

        public override int ReadByte() => throw Refused();

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            await Task.Yield();
            return await _content.ReadAsync(buffer, cancellationToken);
        }

        private static InvalidOperationException Refused() => new("Synchronous operations are disallowed.");
    }
}
