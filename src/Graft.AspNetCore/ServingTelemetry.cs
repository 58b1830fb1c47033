using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Graft.AspNetCore;

/// <summary>Measures batches, waiting and refusals by instruments of the meter "Graft".</summary>
internal static class ServingTelemetry
{
    private static readonly Meter s_meter = new(
        "Graft",
        typeof(ServingTelemetry).Assembly.GetName().Version!.ToString(3)
    );

    private static readonly Histogram<int> s_batches = s_meter.CreateHistogram<int>(
        "graft.serving.batch.size",
        "{image}",
        "Images of one batch."
    );

    private static readonly Histogram<double> s_waits = s_meter.CreateHistogram<double>(
        "graft.serving.wait.duration",
        "s",
        "Time that an image waits for a worker."
    );

    private static readonly Counter<long> s_refusals = s_meter.CreateCounter<long>(
        "graft.serving.refusals",
        "{request}",
        "Requests refused before a prediction."
    );

    private static readonly Counter<long> s_reloads = s_meter.CreateCounter<long>(
        "graft.serving.reloads",
        "{reload}",
        "Changed model files that were loaded."
    );

    public static void CountBatch(int images) => s_batches.Record(images);

    public static void EndWait(long start) => s_waits.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);

    public static void Refuse(string reason) =>
        s_refusals.Add(1, new KeyValuePair<string, object?>("error.type", reason));

    public static void Reloaded() => s_reloads.Add(1);
}
