namespace Graft.Training;

/// <summary>How well one class is recognised.</summary>
/// <param name="Name">The class.</param>
/// <param name="Precision">The share of the images taken for this class that are of it; null when none was taken for
/// it.</param>
/// <param name="Recall">The share of this class's images that were recognised; null when there are none.</param>
/// <param name="F1">Their harmonic mean; null when the class neither has images nor was predicted.</param>
/// <param name="Support">This class's images.</param>
public sealed record ClassEvaluation(string Name, double? Precision, double? Recall, double? F1, int Support)
{
    internal static ClassEvaluation Of(string name, int index, int[][] confusion)
    {
        int hits = confusion[index][index];
        int support = confusion[index].Sum();
        int predicted = confusion.Sum(row => row[index]);
        return new(name, Share(hits, predicted), Share(hits, support), Share(2 * hits, predicted + support), support);
    }

    private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
