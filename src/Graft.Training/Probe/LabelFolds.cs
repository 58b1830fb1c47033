using Graft.Infrastructure;
using Graft.Training.Data;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>
/// Divides images with any number of labels into the folds of a cross-validation. Every fold gets its share of every
/// label, and groups stay together.
/// </summary>
internal static class LabelFolds
{
    /// <summary>
    /// Each image's fold, 0 to the number of folds - 1, or <see cref="StratifiedFolds.NeverHeldOut"/> for the images of
    /// a label that a fold would take out of training.
    /// </summary>
    /// <param name="targets">The labels of the images, [N,C].</param>
    /// <param name="groups">Group of each image, [N]. Images of a group share a fold.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="mostFolds">Largest number of folds. Fewer groups lower it, to 2 at least.</param>
    public static int[] Assign(TrueLabels targets, int[] groups, ulong seed, int mostFolds)
    {
        int[] order = new CountedRandom(seed, RandomPurpose.Folds).Permutation(targets.Count);
        int[][] members = StratifiedFolds.Members(groups, order);
        StratifiedUnit[] units =
        [
            .. members.Select(images => StratifiedUnit.Of([.. images.Select(image => LabelsOf(targets, image))])),
        ];
        int foldCount = Math.Clamp(members.Length, 2, Math.Max(2, mostFolds));
        double[] shares = [.. Enumerable.Repeat(1.0 / foldCount, foldCount)];
        int[] foldOf = IterativeStratification.Assign(units, targets.ClassCount, shares);
        int[] folds = new int[targets.Count];
        for (int unit = 0; unit < units.Length; unit++)
        {
            foreach (int image in members[unit])
            {
                folds[image] = foldOf[unit];
            }
        }

        KeepLabelsInTraining(targets, members, folds);
        return folds;
    }

    private static int[] LabelsOf(TrueLabels targets, int image) =>
        [.. Enumerable.Range(0, targets.ClassCount).Where(label => targets.Has(image, label))];

    // A label whose images are all in one fold would be unknown when that fold is held out.
    private static void KeepLabelsInTraining(TrueLabels targets, int[][] members, int[] folds)
    {
        for (int label = 0; label < targets.ClassCount; label++)
        {
            HashSet<int> with = [.. Enumerable.Range(0, folds.Length).Where(image => targets.Has(image, label))];
            if (with.Count > 0 && with.Select(image => folds[image]).Distinct().Count() == 1)
            {
                foreach (int image in members.Where(group => group.Any(with.Contains)).SelectMany(group => group))
                {
                    folds[image] = StratifiedFolds.NeverHeldOut;
                }
            }
        }
    }
}
