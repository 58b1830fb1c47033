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
    private const double LeastLater = 0.2;
    private const double MostLater = 0.5;
    private const double DeeperShare = 2;
    private const double ClearlyMore = 1.3;

    /// <param name="cuts">Of the body alone, input first, its feature edge last.</param>
    /// <param name="train">An edge's name, or a share 0..1 of the multiply-adds; null: <see cref="DefaultShare"/>, less
    /// for networks of more than 5e9.</param>
    /// <exception cref="GraftException">There is no such cut point, or the share is not within 0..1.</exception>
    public static CutPoint Choose(IReadOnlyList<CutPoint> cuts, TrainedPart? train)
    {
        if (train?.Edge is string edge)
        {
            return cuts.FirstOrDefault(cut => cut.Edge == edge)
                ?? throw new GraftException(
                    $"'{Printable.Text(edge)}' cannot be trained from: the body has no cut point of that name and no "
                        + "block; `graft cuts` lists the edges, a block is the beginning of its nodes' names (layer4, "
                        + "features.17), and a share such as 0.3 works too"
                );
        }

        double share = train?.Share
            ?? Math.Min(DefaultShare, DefaultMultiplyAdds / Math.Max(1, cuts[^1].MultiplyAddsBefore));
        return Within(cuts, share);
    }

    /// <summary>
    /// The cut behind one that leaves about a third of its work, the smallest to keep of those: a stage's end, where
    /// there is one; null where there is none with weights after it.
    /// </summary>
    public static CutPoint? Later(IReadOnlyList<CutPoint> cuts, CutPoint cut) =>
        cuts.Where(later =>
                later.ParametersAfter > 0
                && later.MultiplyAddsAfter >= LeastLater * cut.MultiplyAddsAfter
                && later.MultiplyAddsAfter <= MostLater * cut.MultiplyAddsAfter
            )
            .Reverse()
            .OrderBy(later => later.ElementCount)
            .ThenByDescending(later => later.MultiplyAddsAfter)
            .FirstOrDefault();

    /// <summary>
    /// The cut before one that leaves about twice its work; null where there is none that leaves clearly more.
    /// </summary>
    public static CutPoint? Deeper(IReadOnlyList<CutPoint> cuts, CutPoint cut) =>
        Within(cuts, Math.Min(1, DeeperShare * cut.ShareAfter)) is CutPoint deeper
        && deeper.MultiplyAddsAfter > ClearlyMore * cut.MultiplyAddsAfter
            ? deeper
            : null;

    private static CutPoint Within(IReadOnlyList<CutPoint> cuts, double share)
    {
        // Of the cuts that leave nearly the most work that is within the share, the one that is smallest to keep (a
        // block's end, not its
        // widened middle); of equals the one with more work, then the last (behind the activation function).
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
