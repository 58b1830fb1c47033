using System.Diagnostics;

namespace Graft.Training.Extraction;

/// <summary>Reports how many views are extracted, and when the others will be. Thread-safe.</summary>
/// <param name="progress">Receives the events; null: nobody does.</param>
/// <param name="phase">Name of the phase.</param>
/// <param name="total">Number of views.</param>
internal sealed class ExtractionProgress(IProgress<TrainingEvent>? progress, string phase, long total)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _done;

    /// <summary>Counts views that are extracted, or cannot be.</summary>
    public void Add(int views)
    {
        long now = Interlocked.Add(ref _done, views);
        double perSecond = now / _watch.Elapsed.TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds((total - now) / Math.Max(perSecond, 1e-3));
        progress?.Report(new Progressed(phase, now, total, "images", perSecond, left));
    }
}
