using Graft.Training.Run;

namespace Graft.Training.Probe;

/// <summary>
/// Tries penalties: every second value of the grid, from strong to weak, until the out-of-fold loss has clearly risen,
/// then the neighbours of the best value and of the lowest loss. Where the loss falls and then rises, this finds what
/// the whole grid finds, with half the fits.
/// </summary>
internal sealed class PenaltyPath(
    CrossValidation validation,
    double[]? weights,
    double first,
    IProgress<double>? progress,
    CancellationToken cancel
)
{
    /// <summary>Factor between neighbours: two values for each decade.</summary>
    public static readonly double Step = Math.Sqrt(10);

    private const int Stride = 2;
    private const int Beyond = 4; // more values at an edge: two decades
    private const double Usual = 8; // values tried

    private readonly SortedList<int, PenaltyScore> _scores = []; // by place in the grid, that is by rising C

    public IReadOnlyList<PenaltyScore> Scores => [.. _scores.Values];

    /// <summary>The best penalty of a grid of <paramref name="size"/> values.</summary>
    public PenaltyScore OverAll(int size)
    {
        for (int place = 0; place < size && !HasRisen; place += Stride)
        {
            Try(place);
        }

        return Refined(-Beyond, size - 1 + Beyond, int.MaxValue);
    }

    /// <summary>The best penalty among the grid's first value and its neighbours.</summary>
    public PenaltyScore Near()
    {
        for (int place = -1; place <= 1; place++)
        {
            Try(place);
        }

        return Refined(int.MinValue, int.MaxValue, Beyond);
    }

    // True where the last penalty is clearly worse than the lowest loss a decade or more before it.
    private bool HasRisen =>
        _scores.Count > 1
        && _scores.Values[^1] is var last
        && last != Lowest
        && !PenaltySelection.IsTied(last.Losses, Lowest.Losses, weights);

    private PenaltyScore Lowest => _scores.Values.MinBy(score => score.Trial.MeanLossNats)!;

    private PenaltyScore Refined(int least, int most, int limit)
    {
        for (int tried = 0; ; tried++)
        {
            PenaltyScore best = PenaltySelection.Best([.. _scores.Values], weights);
            int[] wanted =
            [
                .. new[] { best, Lowest }
                    .Select(score => _scores.GetKeyAtIndex(_scores.IndexOfValue(score)))
                    .SelectMany(at => new[] { at - 1, at + 1 })
                    .Where(place => place >= least && place <= most && !_scores.ContainsKey(place)),
            ];
            if (wanted.Length == 0 || tried == limit)
            {
                return best;
            }

            Try(wanted[0]);
        }
    }

    private void Try(int place)
    {
        double[][]? start = _scores.Where(score => score.Key < place).LastOrDefault().Value?.Parameters
            ?? _scores.FirstOrDefault().Value?.Parameters;
        ProcessMemory.Return(); // thousands of arrays of the iterations before
        _scores.Add(place, validation.Score(first * Math.Pow(Step, place), start, cancel));
        progress?.Report(Math.Min(1, _scores.Count / Usual));
    }
}
