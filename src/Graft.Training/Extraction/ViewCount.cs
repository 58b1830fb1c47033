using System.Globalization;
using Graft.Onnx;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>
/// Chooses the number of random views where the options leave it open: as many as are cheap to compute and have room.
/// </summary>
internal static class ViewCount
{
    /// <summary>Multiply-adds of all random views together: about a minute on two cores.</summary>
    private const double Work = 2e12;
    private const int Fewest = 2;

    // a probe alone gains little from more (docs/results.md, "Views of a probe")
    private const double ProbeFactor = 0.5;
    private const int FewestOfProbe = 1;

    private const int Most = 8;
    private const double ThoroughFactor = 4;
    private const int ThoroughMost = 16;

    // the rest of the room is for features, predictions, fitted probes and views of validation images
    private const double RowShare = 0.75;

    /// <summary>Chooses the number of views, and reports it where the room limits it.</summary>
    /// <param name="cutsOfBody">Cut points of the body, the input first.</param>
    /// <param name="cutsWith">The cuts at which rows are kept, by number of random views.</param>
    /// <param name="cacheLimit">Largest size of the cache, in bytes. Null: rows are kept in memory.</param>
    /// <param name="isThorough">True: up to twice the views, for up to four times the work.</param>
    /// <param name="isProbe">True where nothing is trained after the probe: half of the work.</param>
    public static int Choose(
        TrainingData data,
        IReadOnlyList<CutPoint> cutsOfBody,
        Func<int, IReadOnlyList<CutPoint>> cutsWith,
        ActivationFormat format,
        long? cacheLimit,
        IProgress<TrainingEvent> progress,
        bool isThorough,
        bool isProbe
    )
    {
        long roomBytes = cacheLimit ?? ActivationStore.MemoryBudget;
        int wanted = Wanted(data.Train.Count, cutsOfBody[^1].MultiplyAddsBefore, isThorough, isProbe);
        int fitting = Fitting(
            wanted,
            data.Train.Count,
            cutsWith(wanted).Sum(cut => (long)new ActivationCodec(format, cut.Shape).RowBytes),
            roomBytes
        );
        if (fitting < wanted)
        {
            string where = cacheLimit is null ? "memory, without a cache on the disk," : "the cache";
            string room = (roomBytes / 1e9).ToString("0.###", CultureInfo.InvariantCulture);
            progress.Report(
                new Notice(
                    $"Random views of an image: {fitting} instead of {wanted}, because {where} has room for {room} GB. "
                        + "An explicit number of views has precedence."
                )
                {
                    Option = nameof(TrainingOptions.Views),
                }
            );
        }

        return fitting;
    }

    /// <summary>
    /// Number of views that are cheap to compute: 2 to 8, or to 16 where the run is thorough; at least 1 for a probe.
    /// </summary>
    /// <param name="imageCount">Number of training images.</param>
    /// <param name="multiplyAdds">Multiply-adds of one view.</param>
    /// <param name="isThorough">True: up to four times the work.</param>
    /// <param name="isProbe">True: half of the work.</param>
    internal static int Wanted(int imageCount, long multiplyAdds, bool isThorough = false, bool isProbe = false)
    {
        double work = (isThorough ? ThoroughFactor : 1) * (isProbe ? ProbeFactor : 1) * Work;
        int most = isThorough ? ThoroughMost : Most;
        int fewest = isProbe ? FewestOfProbe : Fewest;
        return (int)Math.Clamp(work / ((double)imageCount * Math.Max(1, multiplyAdds)), fewest, most);
    }

    /// <summary>Number of views that have room, at least 1. Rows without room are computed on demand.</summary>
    /// <param name="bytes">Size of the rows of one view, in bytes.</param>
    /// <param name="room">Total room in bytes.</param>
    internal static int Fitting(int wanted, int imageCount, long bytes, long room) =>
        // one of the views is the plain one
        (int)Math.Clamp((RowShare * room / ((double)imageCount * Math.Max(1, bytes))) - 1, 1, wanted);
}
