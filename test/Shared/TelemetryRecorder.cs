using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Graft.Tests;

/// <summary>
/// Listens to the activities and instruments named "Graft". It keeps only what this test causes: other tests run at the
/// same time.
/// </summary>
internal sealed class TelemetryRecorder : IDisposable
{
    private const string Name = "Graft";

    private readonly ConcurrentQueue<Activity> _activities = [];
    private readonly ConcurrentQueue<Measurement> _measurements = [];
    private readonly ActivityListener _activityListener;
    private readonly MeterListener _meterListener = new();
    private readonly Activity _root;

    public TelemetryRecorder()
    {
        _activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Name,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == _root!.TraceId)
                {
                    _activities.Enqueue(activity);
                }
            },
        };
        _root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        ActivitySource.AddActivityListener(_activityListener);
        _meterListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meterListener.SetMeasurementEventCallback<long>((of, value, tags, _) => Keep(of, value, tags));
        _meterListener.SetMeasurementEventCallback<double>((of, value, tags, _) => Keep(of, value, tags));
        _meterListener.Start();
    }

    /// <summary>The activities of this test that have ended, in the order of their ends.</summary>
    public IReadOnlyList<Activity> Activities => [.. _activities];

    /// <summary>The values of an instrument that this test caused.</summary>
    public IReadOnlyList<Measurement> Of(string instrument) =>
        [.. _measurements.Where(one => one.Instrument.Name == instrument)];

    public void Dispose()
    {
        _root.Stop();
        _activityListener.Dispose();
        _meterListener.Dispose();
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Activity.Current?.TraceId == _root.TraceId)
        {
            _measurements.Enqueue(new(instrument, value, new Dictionary<string, object?>(tags.ToArray())));
        }
    }

    internal sealed record Measurement(Instrument Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);
}
