namespace Graft.Training.Data;

/// <summary>
/// Moves and exchanges units between subsets while a label lacks more than an image or a per cent somewhere, and the
/// change makes the subsets more alike.
/// </summary>
internal static class StratificationRepair
{
    private const int MostTrials = 500_000; // changes that are tried; some seconds at most
    private const int MostPartners = 200; // units that are tried in exchange for one
    private const double Tolerance = 0.01; // share of a label's images in a subset
    private const double LeastGain = 1e-6; // rounding is none

    /// <summary>Changes <paramref name="subsets"/> in place.</summary>
    /// <param name="units">The units.</param>
    /// <param name="subsets">The subset of each unit.</param>
    /// <param name="lacking">What the subsets lack; kept up to date.</param>
    public static void Run(IReadOnlyList<StratifiedUnit> units, int[] subsets, LabelShares lacking)
    {
        double[] allowed = new double[lacking.LabelCount];
        foreach ((int label, int count) in units.SelectMany(unit => unit.Counts))
        {
            allowed[label] += count * Tolerance / lacking.SubsetCount;
        }

        int trials = 0;
        HashSet<(int Subset, int Label)> stuck = [];
        while (trials < MostTrials && Worst(lacking, allowed, stuck) is (int subset, int label))
        {
            // whoever lacks the most gets, and whoever has the most gives
            int other = Opposite(lacking, subset, label);
            (int from, int to) = lacking.OfLabel(subset, label) < 0 ? (subset, other) : (other, subset);
            if (Best(units, subsets, lacking, (from, to, label), ref trials) is (int given, int taken))
            {
                Change(units, subsets, lacking, given, to);
                if (taken >= 0)
                {
                    Change(units, subsets, lacking, taken, from);
                }

                stuck.Clear();
            }
            else
            {
                stuck.Add((subset, label));
            }
        }
    }

    private static (int Subset, int Label)? Worst(
        LabelShares lacking,
        double[] allowed,
        HashSet<(int Subset, int Label)> stuck
    )
    {
        (int Subset, int Label)? worst = null;
        double most = 0;
        for (int subset = 0; subset < lacking.SubsetCount; subset++)
        {
            for (int label = 0; label < lacking.LabelCount; label++)
            {
                double excess = Math.Abs(lacking.OfLabel(subset, label)) - Math.Max(1, allowed[label]);
                if (excess > Math.Max(most, LeastGain) && !stuck.Contains((subset, label)))
                {
                    (worst, most) = ((subset, label), excess);
                }
            }
        }

        return worst;
    }

    private static int Opposite(LabelShares lacking, int subset, int label)
    {
        int[] others = [.. Enumerable.Range(0, lacking.SubsetCount).Where(other => other != subset)];
        return lacking.OfLabel(subset, label) < 0
            ? others.MaxBy(other => lacking.OfLabel(other, label))
            : others.MinBy(other => lacking.OfLabel(other, label));
    }

    // The unit to move and the unit to take back (-1: none) that make the subsets most alike; null where none does.
    private static (int Given, int Taken)? Best(
        IReadOnlyList<StratifiedUnit> units,
        int[] subsets,
        LabelShares lacking,
        (int From, int To, int Label) change,
        ref int trials
    )
    {
        (int from, int to, int label) = change;
        int[] givers = [.. In(from).Where(unit => Has(units[unit], label))];
        int[] partners = [.. In(to).Where(unit => !Has(units[unit], label)).Take(MostPartners)];
        (int, int)? best = null;
        double gain = LeastGain;
        foreach (int given in givers.Take(MostPartners))
        {
            foreach (int taken in partners.Prepend(-1))
            {
                StratifiedUnit[] both = taken < 0 ? [units[given]] : [units[given], units[taken]];
                double before = lacking.SquaredLack(both, from, to);
                Exchange(1);
                double after = lacking.SquaredLack(both, from, to);
                Exchange(-1);
                trials++;
                if (before - after > gain)
                {
                    (best, gain) = ((given, taken), before - after);
                }

                void Exchange(int sign)
                {
                    lacking.Put(both[0], from, -sign);
                    lacking.Put(both[0], to, sign);
                    if (both.Length > 1)
                    {
                        lacking.Put(both[1], to, -sign);
                        lacking.Put(both[1], from, sign);
                    }
                }
            }
        }

        return best;

        IEnumerable<int> In(int subset) => Enumerable.Range(0, units.Count).Where(unit => subsets[unit] == subset);
    }

    private static bool Has(StratifiedUnit unit, int label) => unit.Counts.Any(one => one.Label == label);

    private static void Change(
        IReadOnlyList<StratifiedUnit> units,
        int[] subsets,
        LabelShares lacking,
        int unit,
        int to
    )
    {
        lacking.Put(units[unit], subsets[unit], -1);
        lacking.Put(units[unit], to);
        subsets[unit] = to;
    }
}
