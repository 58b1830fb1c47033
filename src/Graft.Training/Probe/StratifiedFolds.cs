using Graft.Infrastructure;

namespace Graft.Training.Probe;

/// <summary>
/// Deals images to the folds of a cross-validation so that every fold has its share of every class and no group is torn
/// apart.
/// </summary>
internal static class StratifiedFolds
{
    /// <summary>
    /// The fold of an image that is never held out: without it its class would be missing from the training part.
    /// </summary>
    public const int NeverHeldOut = -1;

    /// <summary>Each image's fold, 0 to the number of folds - 1, or <see cref="NeverHeldOut"/>.</summary>
    /// <param name="labels">[N].</param>
    /// <param name="groups">[N]: images with the same number (copies, or views of one photograph) share a fold; null:
    /// each on its own.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="mostFolds">Fewer are made when a class has fewer groups, but at least two.</param>
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
        KeepClassesInTraining(labels, folds, classCount);
        return folds;
    }

    /// <summary>The images of each group, groups in the drawn order.</summary>
    private static int[][] Members(int[] groups, int[] order)
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
    /// Large groups first, each to the fold that has the fewest images of its class, then the fewest images.
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
    /// A class whose images all lie in one fold would be unknown when that fold is held out: they stay in training
    /// instead.
    /// </summary>
    private static void KeepClassesInTraining(int[] labels, int[] folds, int classCount)
    {
        for (int label = 0; label < classCount; label++)
        {
            int[] images = [.. Enumerable.Range(0, labels.Length).Where(image => labels[image] == label)];
            if (images.Length > 0 && images.All(image => folds[image] == folds[images[0]]))
            {
                Array.ForEach(images, image => folds[image] = NeverHeldOut);
            }
        }
    }
}
