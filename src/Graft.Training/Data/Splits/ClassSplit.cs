using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Draws parts from the groups of one class.</summary>
internal static class ClassSplit
{
    /// <summary>
    /// Sets the part of each group. Each drawn part takes the groups that fit into its share, at least one, and leaves
    /// one for each part that is still empty.
    /// </summary>
    /// <param name="groups">The groups of the class, in random order.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <exception cref="GraftException">The class has too few groups.</exception>
    public static void Divide(
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
