using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Draws parts from images with any number of labels, so that each part has its share of each label.</summary>
internal static class LabelSplit
{
    private const int RareBelow = 10; // a part of 15 % has one or none
    private const int RareShown = 10;

    /// <summary>Sets the part of each group.</summary>
    /// <param name="set">The images.</param>
    /// <param name="pool">The groups to draw from.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <param name="options">The shares of the parts.</param>
    /// <param name="warnings">Receives the names of rare classes.</param>
    /// <returns>The groups in the order that the seed and the images' content give.</returns>
    /// <exception cref="GraftException">There are fewer groups than parts.</exception>
    public static List<CopyGroup> Divide(
        ImageSet set,
        List<CopyGroup> pool,
        ImagePart[] drawn,
        SplitOptions options,
        List<string> warnings
    )
    {
        warnings.AddRange(RareClasses(set));
        List<CopyGroup> groups = [.. pool.Order()];
        if (groups.Count < drawn.Length + 1)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be split: it has {groups.Count} different "
                    + $"{(groups.Count == 1 ? "image" : "images")} to train on, and {drawn.Length + 1} are the least "
                    + $"to draw {string.Join(" and ", drawn.Select(PartName.Of).Append("train"))} from; add images"
            );
        }

        Dictionary<string, int> numbers = set
            .Classes.Index()
            .ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        StratifiedUnit[] units =
        [
            .. groups.Select(group =>
                StratifiedUnit.Of([.. group.Images.Select(image => image.Labels.Select(label => numbers[label]))])
            ),
        ];
        ImagePart[] parts = [.. drawn, ImagePart.Train];
        int[] chosen = IterativeStratification.Assign(units, numbers.Count, Shares(drawn, options), fillsAll: true);
        foreach ((int index, CopyGroup group) in groups.Index())
        {
            group.Part = parts[chosen[index]];
        }

        FillEmpty(groups, parts);
        return groups;
    }

    private static double[] Shares(ImagePart[] drawn, SplitOptions options)
    {
        double left = 1;
        List<double> shares = [];
        foreach (ImagePart part in drawn)
        {
            double share = left * (part == ImagePart.Test ? options.TestShare : options.ValidationShare);
            shares.Add(share);
            left -= share;
        }

        return [.. shares, left];
    }

    // Of three images each is a part.
    private static void FillEmpty(List<CopyGroup> groups, ImagePart[] parts)
    {
        foreach (ImagePart empty in parts.Where(part => !groups.Exists(group => group.Part == part)))
        {
            ImagePart largest = parts.MaxBy(part => groups.Count(group => group.Part == part));
            groups.Where(group => group.Part == largest).MinBy(group => group.Images.Count)!.Part = empty;
        }
    }

    private static IEnumerable<string> RareClasses(ImageSet set)
    {
        Dictionary<string, int> counts = set
            .Images.SelectMany(image => image.Labels)
            .CountBy(label => label)
            .ToDictionary(StringComparer.Ordinal);
        string[] rare =
        [
            .. set
                .Classes.Where(name => counts.GetValueOrDefault(name) < RareBelow)
                .Select(name => $"'{Printable.Text(name)}' ({counts.GetValueOrDefault(name)})"),
        ];
        if (rare.Length > 0)
        {
            yield return $"{(rare.Length == 1 ? "a rare class" : "rare classes")}: "
                + string.Join(", ", rare.Take(RareShown))
                + (rare.Length > RareShown ? $" and {rare.Length - RareShown:N0} more" : "")
                + $"; their figures are uncertain with fewer than {RareBelow} images";
        }
    }
}
