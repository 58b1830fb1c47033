using Graft.Training.Metrics;

namespace Graft.Training.FineTuning;

/// <summary>
/// The groups of images whose centres the novelty score measures from: the classes; where an image may have several,
/// its rarest one, and one group for the images without any.
/// </summary>
/// <param name="Numbers">Group of each image, [N].</param>
/// <param name="Count">Number of groups.</param>
internal sealed record NoveltyGroups(int[] Numbers, int Count)
{
    /// <summary>The groups of images.</summary>
    /// <param name="labels">What is true of them.</param>
    /// <param name="classCount">Number of classes, C; needed where each image has one.</param>
    public static NoveltyGroups Of(TrueLabels labels, int classCount)
    {
        if (!labels.AreSets)
        {
            return new(labels.Numbers, classCount);
        }

        int[] positives = [.. Enumerable.Range(0, classCount).Select(labels.PositivesOf)];
        int[] rarest =
        [
            .. Enumerable
                .Range(0, labels.Count)
                .Select(n =>
                    Enumerable
                        .Range(0, classCount)
                        .Where(c => labels.Has(n, c))
                        .OrderBy(c => positives[c])
                        .FirstOrDefault(-1)
                ),
        ];
        int[] present = [.. rarest.Distinct().Order()]; // a class that is always beside a rarer one has no group
        return new(Array.ConvertAll(rarest, group => Array.IndexOf(present, group)), present.Length);
    }
}
