using Graft.Training.Bodies;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>Measures how fast the frozen part of a body runs on some images of a set.</summary>
internal static class FrozenSpeed
{
    private const int LoadingImages = 4; // their time is that of loading: it is subtracted
    private const int MostImages = 128;
    private const double EnoughWork = 2e11; // multiply-adds; a second or two
    private const double LeastShare = 0.3; // of the time that is left without loading; other programs may delay it

    /// <summary>Multiply-adds a second, with the decoding of the images.</summary>
    /// <param name="body">The body.</param>
    /// <param name="plan">How its frozen part runs.</param>
    /// <param name="data">The images. The first of the training images are measured.</param>
    /// <param name="multiplyAdds">Multiply-adds of one image.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Stops the measurement.</param>
    public static double Measure(
        TrainableBody body,
        ExtractionPlan plan,
        TrainingData data,
        double multiplyAdds,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        int wanted = (int)Math.Clamp(EnoughWork / Math.Max(1, multiplyAdds), LoadingImages, MostImages);
        int measured = Math.Min(wanted, Math.Max(1, data.Train.Count - LoadingImages));
        _ = Seconds(LoadingImages); // compiles
        double loading = Seconds(LoadingImages);
        double all = Seconds(LoadingImages + measured);
        return measured * multiplyAdds / Math.Max(all - loading, LeastShare * all);

        double Seconds(int count)
        {
            HashSet<string> names = [.. data.Train.Take(count).Select(image => image.Name)];
            TrainingData sample = data with { Split = data.Split.Only(names) };
            long start = time.GetTimestamp();
            using ExtractedFeatures features = ExtractedFeatures.Extract(
                body,
                plan,
                sample,
                cache: null,
                TrainingProgress.None,
                cancel,
                ViewRange.Plain
            );
            return time.GetElapsedTime(start).TotalSeconds;
        }
    }
}
