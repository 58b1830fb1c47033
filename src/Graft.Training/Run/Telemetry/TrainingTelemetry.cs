using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Graft.Training.Run;

/// <summary>
/// What a training tells OpenTelemetry: the source of activities and the meter are named "Graft", as those of the
/// predictor are. Without a listener each call costs a comparison.
/// </summary>
internal static class TrainingTelemetry
{
    /// <summary>Name of the activity of one run.</summary>
    public const string RunActivity = "graft.train";

    /// <summary>Name of the activity of one phase.</summary>
    public const string PhaseActivity = "graft.phase";

    private const string Name = "Graft";
    private const string PhaseTag = "graft.phase";
    private const string ErrorType = "error.type";

    private static readonly string s_version = typeof(TrainingTelemetry).Assembly.GetName().Version!.ToString(3);
    private static readonly ActivitySource s_source = new(Name, s_version);
    private static readonly Meter s_meter = new(Name, s_version);

    private static readonly Histogram<double> s_runs = s_meter.CreateHistogram<double>(
        "graft.training.duration",
        "s",
        "Time of one run in this session."
    );

    private static readonly Histogram<double> s_phases = s_meter.CreateHistogram<double>(
        "graft.phase.duration",
        "s",
        "Time of one phase."
    );

    private static readonly Counter<long> s_epochs = s_meter.CreateCounter<long>(
        "graft.epochs",
        "{epoch}",
        "Passes over the training images."
    );

    private static readonly Gauge<double> s_throughput = s_meter.CreateGauge<double>(
        "graft.training.throughput",
        "{image}/s",
        "Images a second of the phase in progress."
    );

    /// <summary>Does the work of a run within an activity.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="body">Name of the body.</param>
    /// <param name="work">The run.</param>
    /// <param name="accuracy">The accuracy of its result.</param>
    public static T Run<T>(string folder, string body, Func<T> work, Func<T, double> accuracy)
    {
        using Activity? activity = s_source.StartActivity(RunActivity);
        activity?.SetTag("graft.run", folder).SetTag("graft.body", body);
        T result = Measure(work, s_runs, activity);
        activity?.SetTag("graft.accuracy", accuracy(result));
        return result;
    }

    /// <summary>Does the work of a phase within an activity.</summary>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="work">The phase.</param>
    public static T Phase<T>(string phase, Func<T> work)
    {
        using Activity? activity = s_source.StartActivity(PhaseActivity);
        if (activity is not null)
        {
            activity.DisplayName = phase;
            activity.SetTag(PhaseTag, phase);
        }

        return Measure(work, s_phases, activity, phase);
    }

    /// <summary>Counts what an event of a training says.</summary>
    public static void Record(TrainingEvent value)
    {
        switch (value)
        {
            case EpochEnded epoch:
                s_epochs.Add(1, new KeyValuePair<string, object?>(PhaseTag, epoch.Phase));
                break;
            case Progressed { Unit: "images", PerSecond: > 0 } progress:
                s_throughput.Record(
                    progress.PerSecond,
                    new KeyValuePair<string, object?>(PhaseTag, progress.Phase)
                );
                break;
        }
    }

    private static T Measure<T>(
        Func<T> work,
        Histogram<double> duration,
        Activity? activity,
        string? phase = null
    )
    {
        TagList tags = [];
        if (phase is not null)
        {
            tags.Add(PhaseTag, phase);
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            return work();
        }
        catch (Exception error)
        {
            string? type = error.GetType().FullName;
            tags.Add(ErrorType, type);
            activity?.SetTag(ErrorType, type).SetStatus(ActivityStatusCode.Error, error.Message);
            throw;
        }
        finally
        {
            duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }
}
