using Graft.Infrastructure;

namespace Graft.Training.Metrics;

/// <summary>
/// 95 % intervals of average precision and its mean by the bootstrap over images: images are drawn with replacement,
/// and the middle 95 % of the figures stay. The same images give the same intervals.
/// </summary>
/// <param name="Mean">Interval of the mean over the classes.</param>
/// <param name="OfClasses">Interval of each class, [C]; null where no image has it.</param>
internal sealed record ResampledPrecision(Interval Mean, Interval?[] OfClasses)
{
    private const long MostWork = 40_000_000; // images x classes x draws: a second
    private const int MostDraws = 1000;
    private const int FewestDraws = 40;

    /// <summary>The intervals of scores.</summary>
    /// <param name="scores">Scores, [N,C] row by row; only their order in a class matters.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="classCount">Number of classes, C.</param>
    public static ResampledPrecision Of(ReadOnlySpan<float> scores, TrueLabels labels, int classCount)
    {
        int draws = (int)Math.Clamp(MostWork / ((long)labels.Count * classCount), FewestDraws, MostDraws);
        RankedClass[] classes = RankedClass.Of(scores, labels, classCount);
        double[][] figures = new double[draws][]; // a draw: [C], NaN where no drawn image has the class
        for (int draw = 0; draw < draws; draw++)
        {
            int[] counts = Resampling.Draw(labels.Count, draw);
            figures[draw] = Array.ConvertAll(classes, one => one.AveragePrecision(counts));
        }

        return new(
            Resampling.Middle([.. figures.Select(MeanOf)]),
            [.. Enumerable.Range(0, classCount).Select(IntervalOf)]
        );

        Interval? IntervalOf(int c) =>
            labels.PositivesOf(c) == 0
                ? null
                : Resampling.Middle([.. figures.Select(figure => figure[c]).Where(double.IsFinite)]);
    }

    /// <summary>The mean of the classes that have a figure.</summary>
    public static double MeanOf(double[] figures) => figures.Where(double.IsFinite).DefaultIfEmpty().Average();
}

/// <summary>Images drawn with replacement, by a counted random number for each draw.</summary>
internal static class Resampling
{
    private const double Tail = 0.025;

    /// <summary>How often each image is drawn, [N]; N in all.</summary>
    public static int[] Draw(int count, int draw)
    {
        int[] counts = new int[count];
        CountedRandom random = new(0, RandomPurpose.Bootstrap, (uint)draw);
        for (uint i = 0; i < count; i++)
        {
            counts[random.Below(count, i)]++;
        }

        return counts;
    }

    /// <summary>The middle 95 % of figures; from 0 to 1 where there are none.</summary>
    public static Interval Middle(double[] figures)
    {
        Array.Sort(figures);
        return figures.Length == 0
            ? new(0, 1)
            : new(
                figures[(int)(Tail * figures.Length)],
                figures[Math.Min(figures.Length - 1, (int)((1 - Tail) * figures.Length))]
            );
    }
}

/// <summary>The images of one class by falling score, so that a draw costs no sorting.</summary>
internal sealed class RankedClass
{
    private readonly int[] _order; // images by falling score
    private readonly bool[] _isLast; // of its score
    private readonly bool[] _has; // in this order

    private RankedClass(double[] scores, bool[] has)
    {
        _order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(n => scores[n])];
        _has = Array.ConvertAll(_order, n => has[n]);
        _isLast = [.. _order.Select((n, i) => i + 1 == _order.Length || scores[_order[i + 1]] < scores[n])];
    }

    /// <summary>All classes of scores, [N,C].</summary>
    public static RankedClass[] Of(ReadOnlySpan<float> scores, TrueLabels labels, int classCount)
    {
        RankedClass[] all = new RankedClass[classCount];
        double[] column = new double[labels.Count];
        bool[] has = new bool[labels.Count];
        for (int c = 0; c < classCount; c++)
        {
            for (int n = 0; n < labels.Count; n++)
            {
                (column[n], has[n]) = (scores[(n * classCount) + c], labels.Has(n, c));
            }

            all[c] = new(column, has);
        }

        return all;
    }

    /// <summary>Average precision of images that count several times or not at all; NaN where none has the class.
    /// </summary>
    /// <param name="counts">How often each image counts, [N].</param>
    public double AveragePrecision(int[] counts)
    {
        (double sum, int seen, int found, int gained) = (0, 0, 0, 0);
        for (int i = 0; i < _order.Length; i++)
        {
            int count = counts[_order[i]];
            seen += count;
            gained += _has[i] ? count : 0;
            if (_isLast[i] && gained > 0)
            {
                found += gained;
                sum += gained * ((double)found / seen);
                gained = 0;
            }
        }

        return found == 0 ? double.NaN : sum / found;
    }
}
