using System.Text.Json.Serialization;

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
    /// <summary>
    /// Average precision, 0 to 1; null where no image has the class, or each image has one label.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AveragePrecision { get; init; }

    /// <summary>95 % interval of <see cref="AveragePrecision"/> by the bootstrap over images; null likewise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? AveragePrecisionInterval { get; init; }

    /// <summary>95 % interval of <see cref="F1"/> by the bootstrap over images; null likewise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? F1Interval { get; init; }

    /// <summary>Probability from which the class is given; null where each image has one label.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Threshold { get; init; }

    internal static ClassEvaluation Of(string name, int index, int[][] confusion)
    {
        int hits = confusion[index][index];
        int support = confusion[index].Sum();
        int predicted = confusion.Sum(row => row[index]);
        return new(name, Share(hits, predicted), Share(hits, support), Share(2 * hits, predicted + support), support);
    }

    private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
