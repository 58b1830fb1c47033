namespace Graft.Training.Data;

/// <summary>
/// Divides images with any number of labels, so that each subset gets its share of each label (Sechidis, Tsoumakas and
/// Vlahavas 2011, algorithm 1): the label with the fewest images left is dealt out first. Exchanges then mend what the
/// later labels lack, because with many labels an image few of them are left to choose.
/// </summary>
internal static class IterativeStratification
{
    /// <summary>The subset of each unit, 0 to K - 1.</summary>
    /// <param name="units">The units in random order.</param>
    /// <param name="labelCount">Number of labels.</param>
    /// <param name="shares">Share of each subset, [K], 1 in all.</param>
    /// <param name="fillsAll">
    /// True: where a label has at least K units, each subset gets one, however small its share is.
    /// </param>
    public static int[] Assign(
        IReadOnlyList<StratifiedUnit> units,
        int labelCount,
        IReadOnlyList<double> shares,
        bool fillsAll = false
    )
    {
        LabelShares lacking = LabelShares.Of(units, labelCount, shares, fillsAll);
        int[] subsets = [.. Enumerable.Repeat(-1, units.Count)];
        int[][] unitsOf = UnitsOf(units, labelCount);
        int[] left = [.. unitsOf.Select((ofLabel, label) => ofLabel.Sum(unit => CountOf(units[unit], label)))];
        while (Rarest(left) is int rarest)
        {
            foreach (int unit in unitsOf[rarest].Where(unit => subsets[unit] < 0))
            {
                Put(unit, MostLacking(lacking, rarest));
            }
        }

        // images without a label, and what they are with
        foreach (int unit in Enumerable.Range(0, units.Count).Where(unit => subsets[unit] < 0))
        {
            Put(unit, MostLacking(lacking, null));
        }

        StratificationRepair.Run(units, subsets, lacking);
        return subsets;

        void Put(int unit, int subset)
        {
            subsets[unit] = subset;
            lacking.Put(units[unit], subset);
            foreach ((int label, int count) in units[unit].Counts)
            {
                left[label] -= count;
            }
        }
    }

    // Large units first: the small ones then even out what the large ones left.
    private static int[][] UnitsOf(IReadOnlyList<StratifiedUnit> units, int labelCount)
    {
        List<int>[] unitsOf = [.. Enumerable.Range(0, labelCount).Select(_ => new List<int>())];
        foreach (int unit in Enumerable.Range(0, units.Count))
        {
            foreach ((int label, _) in units[unit].Counts)
            {
                unitsOf[label].Add(unit);
            }
        }

        return
        [
            .. unitsOf.Select(
                (ofLabel, label) => ofLabel.OrderByDescending(unit => CountOf(units[unit], label)).ToArray()
            ),
        ];
    }

    private static int CountOf(StratifiedUnit unit, int label)
    {
        foreach ((int own, int count) in unit.Counts)
        {
            if (own == label)
            {
                return count;
            }
        }

        return 0;
    }

    // The label with the fewest images that are not dealt out, null where all are.
    private static int? Rarest(int[] left)
    {
        int? rarest = null;
        for (int label = 0; label < left.Length; label++)
        {
            if (left[label] > 0 && (rarest is not int least || left[label] < left[least]))
            {
                rarest = label;
            }
        }

        return rarest;
    }

    // The subset that lacks the most of a label, then the most images.
    private static int MostLacking(LabelShares lacking, int? label)
    {
        int most = 0;
        for (int subset = 1; subset < lacking.SubsetCount; subset++)
        {
            if (Lack(subset).CompareTo(Lack(most)) > 0)
            {
                most = subset;
            }
        }

        return most;

        // rounded: sums in another order are no difference
        (double, double) Lack(int subset) =>
            (label is int one ? Math.Round(lacking.OfLabel(subset, one), 6) : 0, lacking.Images(subset));
    }
}
