using System.Globalization;
using Graft.Onnx;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>
/// How many random views of an image are kept where the user names no number: as many as are cheap to compute and have
/// room.
/// </summary>
internal static class ViewCount
{
    /// <summary>Multiply-adds that the random views may cost in all: about a minute on two cores.</summary>
    private const double Work = 2e12;
    private const int Fewest = 2;
    private const int Most = 8;

    // of the room: features, answers, fitted probes and views of validation images are kept as well
    private const double RowShare = 0.75;

    /// <summary>Says so where there is not room for as many as are wanted.</summary>
    /// <param name="cutsOfBody">Input first.</param>
    /// <param name="cutsWith">The cuts at which rows are kept, if there are so many random views.</param>
    /// <param name="cache">Null: rows are held in memory.</param>
    public static int Choose(
        TrainingData data,
        IReadOnlyList<CutPoint> cutsOfBody,
        Func<int, IReadOnlyList<CutPoint>> cutsWith,
        ActivationFormat format,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress
    )
    {
        long room = cache?.Limit ?? ActivationStore.MemoryBudget;
        int wanted = Wanted(data.Train.Count, cutsOfBody[^1].MultiplyAddsBefore);
        int fitting = Fitting(
            wanted,
            data.Train.Count,
            cutsWith(wanted).Sum(cut => (long)new ActivationCodec(format, cut.Shape).RowBytes),
            room
        );
        if (fitting < wanted)
        {
            string where = cache is null ? "memory (without --no-cache the disk is used)" : "the cache (--cache-limit)";
            progress.Report(
                new Notice(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Random views of an image: {fitting} instead of {wanted}, for there is room for "
                            + $"{room / 1e9:0.###} GB in {where}; --views N takes N whatever the room."
                    )
                )
            );
        }

        return fitting;
    }

    /// <summary>2 to 8.</summary>
    /// <param name="multiplyAdds">Of one view.</param>
    internal static int Wanted(int imageCount, long multiplyAdds) =>
        (int)Math.Clamp(Work / ((double)imageCount * Math.Max(1, multiplyAdds)), Fewest, Most);

    /// <summary>At least 1, whatever the room: rows that find none are computed when they are asked for.</summary>
    /// <param name="bytes">Of one view's rows.</param>
    /// <param name="room">Bytes in all.</param>
    internal static int Fitting(int wanted, int imageCount, long bytes, long room) =>
        // one is the plain view
        (int)Math.Clamp((RowShare * room / ((double)imageCount * Math.Max(1, bytes))) - 1, 1, wanted);
}
