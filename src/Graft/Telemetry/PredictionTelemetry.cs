using System.Diagnostics;
using System.Diagnostics.Metrics;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>Measures predictions, and makes each an activity.</summary>
internal static class PredictionTelemetry
{
    /// <summary>Name of the activity of one prediction.</summary>
    public const string PredictActivity = "graft.predict";

    private const string ErrorType = "error.type";

    private static readonly Counter<long> s_predictions = Telemetry.Meter.CreateCounter<long>(
        "graft.predictions",
        "{prediction}",
        "Images classified, or refused with an error."
    );

    private static readonly Histogram<double> s_latency = Telemetry.Meter.CreateHistogram<double>(
        "graft.prediction.duration",
        "s",
        "Time of one call that classifies one image: reading, decoding and the network."
    );

    /// <summary>Classifies one image within an activity, and measures how long it takes.</summary>
    /// <exception cref="Exception">What <paramref name="predict"/> throws.</exception>
    public static ImagePrediction Predict(Func<ImagePrediction> predict)
    {
        using Activity? activity = Telemetry.Source.StartActivity(PredictActivity);
        long start = Stopwatch.GetTimestamp();
        try
        {
            ImagePrediction prediction = predict();
            s_predictions.Add(1);
            s_latency.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
            return prediction;
        }
        catch (Exception error)
        {
            KeyValuePair<string, object?> tag = new(ErrorType, error.GetType().FullName);
            s_predictions.Add(1, tag);
            s_latency.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tag);
            activity?.SetTag(tag.Key, tag.Value).SetStatus(ActivityStatusCode.Error, error.Message);
            throw;
        }
    }

    /// <summary>Counts images that were classified as a batch.</summary>
    /// <param name="classified">Number of images with a prediction.</param>
    /// <param name="refused">Number of images that could not be used.</param>
    public static void Count(int classified, int refused)
    {
        if (classified > 0)
        {
            s_predictions.Add(classified);
        }

        if (refused > 0)
        {
            s_predictions.Add(refused, new KeyValuePair<string, object?>(ErrorType, typeof(ImageException).FullName));
        }
    }
}
