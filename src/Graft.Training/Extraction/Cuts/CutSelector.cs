using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>Turns a requested depth (a share of the cost, or an edge) into a cut point.</summary>
internal static class CutSelector
{
    /// <summary>Default share of the cost: about the last two of five stages.</summary>
    public const double DefaultShare = 0.4;

    /// <summary>
    /// Limit of the default, which trains less of a large network. So many multiply-adds, forward and backward, take a
    /// fifth of a second on one core. VGG16 (15.3e9) is trained from block 5.
    /// </summary>
    private const double DefaultMultiplyAdds = 2e9;

    private const double NearlyMost = 0.8;
    private const double LeastLater = 0.2;
    private const double MostLater = 0.5;
    private const double DeeperShare = 2;
    private const double ClearlyMore = 1.3;

    /// <param name="cuts">Cut points of the body, the input first, the feature edge last.</param>
    /// <param name="train">
    /// Name of an edge, or a share (0..1) of the multiply-adds. Null: <see cref="DefaultShare"/>, less for networks of
    /// more than 5e9.
    /// </param>
    /// <exception cref="GraftException">There is no such cut point, or the share lies outside 0..1.</exception>
    public static CutPoint Choose(IReadOnlyList<CutPoint> cuts, string? train)
    {
        if (train?.Edge is string edge)
        {
            return named;
        }

        double share = Math.Min(DefaultShare, DefaultMultiplyAdds / Math.Max(1, cuts[^1].MultiplyAddsBefore));
        bool isShare =
            train is null || double.TryParse(train, NumberStyles.Float, CultureInfo.InvariantCulture, out share);
        if (!isShare)
        {
            throw new GraftException(
                $"'{Printable.Text(train!)}' cannot be trained from: the body has no cut point or block of that name; "
                    + "take a name from the list of its cuts, the beginning of a block's node names "
                    + "(layer4, features.17), or a share such as 0.3"
            );
        }

        if (!(share >= 0 && share <= 1))
        {
            throw new GraftException(
                $"'{Printable.Text(train!)}' cannot be the trained share: it must lie between 0 and 1"
            );
        }

        double share = train?.Share
            ?? Math.Min(DefaultShare, DefaultMultiplyAdds / Math.Max(1, cuts[^1].MultiplyAddsBefore));
        return Within(cuts, share);
    }

    /// <summary>
    /// A later cut that leaves about a third of the work. Among several, the one with the smallest activations, usually
    /// the end of a stage. Null where no such cut has weights after it.
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

    /// <summary>An earlier cut that leaves about twice the work; null where no cut leaves clearly more.</summary>
    public static CutPoint? Deeper(IReadOnlyList<CutPoint> cuts, CutPoint cut) =>
        Within(cuts, Math.Min(1, DeeperShare * cut.ShareAfter)) is CutPoint deeper
        && deeper.MultiplyAddsAfter > ClearlyMore * cut.MultiplyAddsAfter
            ? deeper
            : null;

    private static CutPoint Within(IReadOnlyList<CutPoint> cuts, double share)
    {
        // Candidates leave nearly the most work within the share. The smallest to store wins: a block's end, not its
        // widened middle. Among equals, more work wins, then the last cut, which is behind the activation function.
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
