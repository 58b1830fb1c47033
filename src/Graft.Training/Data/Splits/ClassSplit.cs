using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Draws parts class by class, where each image has one.</summary>
internal static class ClassSplit
{
    /// <summary>
    /// Sets the part of each group. Groups whose images are of several classes are drawn for all classes at once.
    /// </summary>
    /// <param name="set">The images.</param>
    /// <param name="pool">The groups to draw from.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <param name="options">The shares of the parts, and the seed.</param>
    /// <param name="warnings">Receives what the user should look at.</param>
    /// <returns>The groups. Some are divided, where a class would have too few.</returns>
    /// <exception cref="GraftException">A class has too few groups.</exception>
    public static List<CopyGroup> Divide(
        ImageSet set,
        List<CopyGroup> pool,
        ImagePart[] drawn,
        SplitOptions options,
        List<string> warnings
    )
    {
        bool isGrouped = pool.Exists(group => group.SpansClasses);
        foreach (string name in set.Classes)
        {
            Func<CopyGroup, bool> isOfClass = isGrouped
                ? group => group.CountOf(name) > 0
                : group => group.Label == name;
            pool = Loosened(pool, name, isOfClass, drawn.Length + 1, (ulong)options.Seed, warnings);
            if (!isGrouped)
            {
                Divide(set, name, [.. pool.Where(isOfClass).OrderBy(group => group)], drawn, options);
            }
        }

        if (isGrouped)
        {
            GroupedSplit.Divide(set, pool, drawn, options);
        }

        return pool;
    }

    /// <summary>
    /// Sets the part of each group of one class. Each drawn part takes the groups that fit into its share, at least
    /// one, and leaves one for each part that is still empty.
    /// </summary>
    /// <param name="groups">The groups of the class, in random order.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <exception cref="GraftException">The class has too few groups.</exception>
    private static void Divide(
        ImageSet set,
        string name,
        List<CopyGroup> groups,
        ImagePart[] drawn,
        SplitOptions options
    )
    {
        int needed = drawn.Length + 1;
        if (groups.Count < needed)
        {
            if (set.Misspelling(name) is string misspelling)
            {
                throw new GraftException($"'{Printable.Text(set.Source)}' cannot be split: {misspelling}");
            }

            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be split: "
                    + $"the class '{Printable.Text(name)}' has {groups.Count} different "
                    + $"{(groups.Count == 1 ? "image" : "images")} to train on, and {needed} are the least "
                    + $"to draw {string.Join(" and ", drawn.Select(PartName.Of).Append("train"))} from; "
                    + "add images or remove the class"
            );
        }

        int left = groups.Sum(group => group.Images.Count);
        for (int i = 0; i < drawn.Length; i++)
        {
            double share = drawn[i] == ImagePart.Test ? options.TestShare : options.ValidationShare;
            int wanted = Math.Max(1, (int)Math.Round(left * share, MidpointRounding.AwayFromZero));
            left -= Take(groups, drawn[i], wanted, leave: drawn.Length - i);
        }
    }

    // A class may consist of near duplicates, the frames of one film for example, with too few clusters to fill the
    // parts. A split that leaks, with a warning, is better than none.
    private static List<CopyGroup> Loosened(
        List<CopyGroup> pool,
        string name,
        Func<CopyGroup, bool> isOfClass,
        int needed,
        ulong seed,
        List<string> warnings
    )
    {
        CopyGroup[] tight = [.. pool.Where(isOfClass)];
        if (tight.Length >= needed || tight.All(group => group.IsInseparable))
        {
            return pool;
        }

        warnings.Add(
            $"the images of the class '{Printable.Text(name)}' are near duplicates of each other, "
                + $"{tight.Length} different at most: they are split all the same, "
                + "so training images leak into the validation and test parts"
        );
        return [.. pool.Except(tight), .. tight.SelectMany(group => group.Loosened(seed))];
    }

    private static int Take(List<CopyGroup> groups, ImagePart part, int wanted, int leave)
    {
        int taken = 0;
        int open = groups.Count(group => group.Part == ImagePart.Train);
        foreach (CopyGroup group in groups)
        {
            if (open > leave && group.Part == ImagePart.Train && taken + group.Images.Count <= wanted)
            {
                group.Part = part;
                taken += group.Images.Count;
                open--;
            }
        }

        if (taken > 0)
        {
            return taken;
        }

        // all groups are larger than the share
        CopyGroup smallest = groups.Where(group => group.Part == ImagePart.Train).MinBy(group => group.Images.Count)!;
        smallest.Part = part;
        return smallest.Images.Count;
    }
}
