using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>Turns what the user says of depth, a share of the cost or an edge, into a cut point.</summary>
internal static class CutSelector
{
    /// <summary>About the last two of five stages.</summary>
    public const double DefaultShare = 0.4;

    /// <summary>
    /// The default trains less of a large network: an image through so many multiply-adds, there and back, is a fifth
    /// of a second of one core. VGG16 (15.3e9) is trained from block 5 on.
    /// </summary>
    private const double DefaultMultiplyAdds = 2e9;

    private const double NearlyMost = 0.8;
    private const double LeastOfLess = 0.2;
    private const double MostOfLess = 0.5;
    private const double FactorOfMore = 2;
    private const double ClearlyMore = 1.3;

    /// <summary>The cut from which the body is trained.</summary>
    /// <param name="cuts">Cut points of the body alone, the input first and its feature edge last.</param>
    /// <param name="train">
    /// Name of a cut point, or a share 0..1 of the multiply-adds. Null: <see cref="DefaultShare"/>, less for networks
    /// of more than 5e9; at least the last layer with weights, unless that layer is very large.
    /// </param>
    /// <exception cref="GraftException">There is no cut point of this name.</exception>
    public static CutPoint Choose(IReadOnlyList<CutPoint> cuts, TrainedPart? train)
    {
        if (train?.Edge is string edge)
        {
            return cuts.FirstOrDefault(cut => cut.Edge == edge)
                ?? throw new GraftException(
                    $"'{Printable.Text(edge)}' cannot be trained from: there is no cut point or block of that name; "
                        + "take a name from the list of the body's cuts, the beginning of a block's node names "
                        + "(layer4, features.17), or a share such as 0.3"
                );
        }

        if (train?.Share is double share)
        {
            return Within(cuts, share);
        }

        double usual = Math.Min(DefaultShare, DefaultMultiplyAdds / Math.Max(1, cuts[^1].MultiplyAddsBefore));
        CutPoint chosen = Within(cuts, usual);
        CutPoint? lastLayer = cuts.LastOrDefault(cut => cut.ParametersAfter > 0);
        return chosen.ParametersAfter == 0 && lastLayer?.MultiplyAddsAfter <= DefaultMultiplyAdds ? lastLayer : chosen;
    }

    /// <summary>
    /// A cut behind the given one that trains about a third of its work; null where none with weights after it does. Of
    /// several it is the one with the fewest values to keep, which is a stage's end where there is one.
    /// </summary>
    public static CutPoint? ThatTrainsLess(IReadOnlyList<CutPoint> cuts, CutPoint than) =>
        cuts.Where(cut =>
                cut.ParametersAfter > 0
                && cut.MultiplyAddsAfter >= LeastOfLess * than.MultiplyAddsAfter
                && cut.MultiplyAddsAfter <= MostOfLess * than.MultiplyAddsAfter
            )
            .Reverse()
            .OrderBy(cut => cut.ElementCount)
            .ThenByDescending(cut => cut.MultiplyAddsAfter)
            .FirstOrDefault();

    /// <summary>
    /// A cut before the given one that trains about twice its work; null where none trains clearly more.
    /// </summary>
    public static CutPoint? ThatTrainsMore(IReadOnlyList<CutPoint> cuts, CutPoint than) =>
        Within(cuts, Math.Min(1, FactorOfMore * than.ShareAfter)) is CutPoint more
        && more.MultiplyAddsAfter > ClearlyMore * than.MultiplyAddsAfter
            ? more
            : null;

    private static CutPoint Within(IReadOnlyList<CutPoint> cuts, double share)
    {
        // Several cuts leave nearly the most work that is within the share. Takes the one with the fewest values to
        // keep: a block's end, not its widened middle. Of equals it is the one with more work, then the last one, which
        // lies behind the activation function.
        CutPoint[] within = [.. cuts.Where(cut => cut.ShareAfter <= share)];
        double least = NearlyMost * within.Max(cut => cut.MultiplyAddsAfter);
        return within
            .Where(cut => cut.MultiplyAddsAfter >= least)
            .Reverse()
            .OrderBy(cut => cut.ElementCount)
            .ThenByDescending(cut => cut.MultiplyAddsAfter)
            .First();
    }
}
