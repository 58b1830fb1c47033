using System.Diagnostics;
using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class PredictionTelemetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Predictor _predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
    private readonly TelemetryRecorder _recorder = new();

    public void Dispose()
    {
        _recorder.Dispose();
        _predictor.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_prediction_is_an_activity_and_counts_with_its_latency()
    {
        string path = _folder.Write("red.png", TinyClassifier.Png(255, 0, 0));
        long start = Stopwatch.GetTimestamp();

        _predictor.Predict(path);
        await _predictor.PredictAsync(path, TestContext.Current.CancellationToken);

        double most = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.Equal(["graft.predict", "graft.predict"], _recorder.Activities.Select(one => one.OperationName));
        Assert.Equal(2, _recorder.Of("graft.predictions").Sum(one => one.Value));
        IReadOnlyList<TelemetryRecorder.Measurement> latencies = _recorder.Of("graft.prediction.duration");
        Assert.Equal(2, latencies.Count);
        Assert.All(latencies, one => Assert.InRange(one.Value, 1e-9, most));
        Assert.Equal("s", latencies[0].Instrument.Unit);
    }

    [Fact]
    public void A_refused_image_counts_with_the_type_of_its_error()
    {
        Assert.Throws<ImageException>(() => _predictor.Predict([1, 2, 3]));

        string expected = typeof(ImageException).FullName!;
        Assert.Equal(expected, Assert.Single(_recorder.Of("graft.predictions")).Tags["error.type"]);
        Assert.Equal(expected, Assert.Single(_recorder.Of("graft.prediction.duration")).Tags["error.type"]);
        Activity activity = Assert.Single(_recorder.Activities);
        Assert.Equal(ActivityStatusCode.Error, activity.Status);
        Assert.Equal(expected, activity.GetTagItem("error.type"));
        Assert.Empty(_recorder.Of("graft.images.decoded"));
    }

    [Fact]
    public void Decoded_images_count_by_format()
    {
        _predictor.Predict(TinyClassifier.Png(255, 0, 0));
        _predictor.Predict("P3 1 1 255 255 0 0"u8.ToArray());

        foreach (string name in (string[])["graft.images.decoded", "graft.image.decode.duration"])
        {
            Assert.Equal(["png", "pnm"], _recorder.Of(name).Select(one => one.Tags["graft.image.format"]));
        }
    }

    [Fact]
    public void Many_images_count_as_predictions_without_a_latency_each()
    {
        string[] paths =
        [
            _folder.Write("a.png", TinyClassifier.Png(255, 0, 0)),
            _folder.Write("b.png", TinyClassifier.Png(0, 255, 0)),
            _folder.Write("c.png", [1, 2, 3]),
        ];

        Assert.Equal(3, _predictor.PredictMany(paths, TestContext.Current.CancellationToken).Count());

        Assert.Equal(
            [2, 1],
            _recorder.Of("graft.predictions").OrderBy(one => one.Tags.Count).Select(one => one.Value)
        );
        Assert.Empty(_recorder.Of("graft.prediction.duration"));
    }
}
