using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>Images with their classes and the folds in which they are held out.</summary>
internal sealed record FoldedImages(IReadOnlyList<LabelledImage> Images, TrueLabels Labels, int[] Folds)
{
    /// <summary>
    /// At most so many of the images. A smaller part is drawn by the seed, with about the same share of every class.
    /// </summary>
    public FoldedImages AtMost(int count, long seed)
    {
        if (Images.Count <= count)
        {
            return this;
        }

        double share = (double)count / Images.Count;
        int[] order = new CountedRandom((ulong)seed, RandomPurpose.Folds, epoch: 1).Permutation(Images.Count);
        int[] strata = Labels.Strata;
        int[] drawn =
        [
            .. order
                .GroupBy(image => strata[image])
                .SelectMany(ofClass => ofClass.Take(Math.Max(1, (int)(share * ofClass.Count()))))
                .Order(),
        ];
        int[] folds = [.. drawn.Select(image => Folds[image])];
        return drawn.Any(image => Folds[image] != StratifiedFolds.NeverHeldOut)
            ? new([.. drawn.Select(image => Images[image])], Labels.At(drawn), folds)
            : this;
    }
}
