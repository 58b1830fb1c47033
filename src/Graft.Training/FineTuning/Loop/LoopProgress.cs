using System.Diagnostics;

namespace Graft.Training.FineTuning;

/// <summary>Reports images done, speed and remaining time of a phase.</summary>
/// <param name="plan">Settings of the phase.</param>
/// <param name="schedule">Epochs of the phase.</param>
/// <param name="imageCount">Training images per epoch.</param>
/// <param name="imagesBefore">Images that an earlier session has trained on.</param>
/// <param name="progress">Receives the reports.</param>
internal sealed class LoopProgress(
    EpochLoopPlan plan,
    EpochSchedule schedule,
    int imageCount,
    long imagesBefore,
    IProgress<TrainingEvent> progress
)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public void Report(TrainingPosition at)
    {
        long images = ((long)at.Epoch * imageCount) + at.Images;
        long total = (long)(at.OptimizerStartEpoch + schedule.LastEpoch(at)) * imageCount;
        double perSecond = (images - imagesBefore) / _watch.Elapsed.TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds((total - images) / perSecond);
        progress.Report(new Progressed(plan.Name, images, total, "images", perSecond, left));
    }
}
