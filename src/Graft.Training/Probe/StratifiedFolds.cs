using Graft.Infrastructure;

namespace Graft.Training.Probe;

/// <summary>
/// Divides images into the folds of a cross-validation. Every fold gets its share of every class, and groups stay
/// together.
/// </summary>
internal static class StratifiedFolds
{
    /// <summary>
    /// Fold of an image that is never held out, because its class would be missing from the training part.
    /// </summary>
    public const int NeverHeldOut = -1;

    /// <summary>Each image's fold, 0 to the number of folds - 1, or <see cref="NeverHeldOut"/>.</summary>
    /// <param name="labels">Class numbers, [N].</param>
    /// <param name="groups">
    /// Group of each image, [N]. Images of a group (copies, or views of one photograph) share a fold. Null: each image
    /// stands alone.
    /// </param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="mostFolds">Largest number of folds. A class with fewer groups lowers it, to 2 at least.</param>
    public static int[] Assign(int[] labels, int[]? groups, ulong seed, int mostFolds = 5)
    {
        int classCount = labels.Length == 0 ? 0 : labels.Max() + 1;
        int[] order = new CountedRandom(seed, RandomPurpose.Folds).Permutation(labels.Length);
        int[][] members = Members(groups ?? [.. Enumerable.Range(0, labels.Length)], order);
        int[] groupsOfClass = new int[classCount];
        foreach (int[] group in members)
        {
            groupsOfClass[labels[group[0]]]++;
        }

        int smallest = groupsOfClass.Where(count => count > 1).DefaultIfEmpty(2).Min();
        int foldCount = Math.Clamp(smallest, 2, Math.Max(2, mostFolds));
        int[] folds = Deal(labels, members, classCount, foldCount);
        KeepClassesInTraining(labels, members, folds, classCount);
        return folds;
    }

    /// <summary>The images of each group. The groups are in the drawn order.</summary>
    public static int[][] Members(int[] groups, int[] order)
    {
        Dictionary<int, List<int>> members = [];
        foreach (int image in order)
        {
            if (!members.TryGetValue(groups[image], out List<int>? group))
            {
                members[groups[image]] = group = [];
            }

            group.Add(image);
        }

        return [.. members.Values.Select(group => group.Order().ToArray())];
    }

    /// <summary>
    /// Assigns groups, large ones first. Each goes to the fold with the fewest images of its class, then the fewest
    /// images.
    /// </summary>
    private static int[] Deal(int[] labels, int[][] members, int classCount, int foldCount)
    {
        int[] folds = new int[labels.Length];
        int[] sizes = new int[foldCount];
        int[,] sizesOfClass = new int[classCount, foldCount];
        foreach (int[] group in members.OrderBy(group => labels[group[0]]).ThenByDescending(group => group.Length))
        {
            int label = labels[group[0]];
            int fold = Enumerable.Range(0, foldCount).MinBy(f => (sizesOfClass[label, f], sizes[f]));
            sizes[fold] += group.Length;
            foreach (int image in group)
            {
                folds[image] = fold;
                sizesOfClass[labels[image], fold]++;
            }
        }

        return folds;
    }

    /// <summary>
    /// Keeps classes in training whose images are all in one fold, with the groups of these images. They would be
    /// unknown when that fold is held out.
    /// </summary>
    private static void KeepClassesInTraining(int[] labels, int[][] members, int[] folds, int classCount)
    {
        int before;
        do
        {
            before = folds.Count(fold => fold == NeverHeldOut);
            for (int label = 0; label < classCount; label++)
            {
                int[] heldOut = [.. folds.Where((fold, i) => labels[i] == label && fold != NeverHeldOut).Distinct()];
                bool alwaysTrained = folds.Where((fold, i) => labels[i] == label && fold == NeverHeldOut).Any();
                if (heldOut.Length == 1 && !alwaysTrained)
                {
                    Keep(members.Where(group => group.Any(image => labels[image] == label)), folds);
                }
            }
        } while (folds.Count(fold => fold == NeverHeldOut) > before);
    }

    private static void Keep(IEnumerable<int[]> groups, int[] folds)
    {
        foreach (int image in groups.SelectMany(group => group))
        {
            folds[image] = NeverHeldOut;
        }
    }
}
