namespace Graft.Training.Data;

/// <summary>
/// How many images each subset still lacks, in all and of each label. Negative where it has more than its share.
/// </summary>
internal sealed class LabelShares
{
    private readonly double[] _images; // [K]
    private readonly double[,] _ofLabel; // [K,C]

    private LabelShares(double[] images, double[,] ofLabel) => (_images, _ofLabel) = (images, ofLabel);

    /// <summary>Number of subsets, K.</summary>
    public int SubsetCount => _images.Length;

    /// <summary>Number of labels, C.</summary>
    public int LabelCount => _ofLabel.GetLength(1);

    /// <summary>What subsets lack that are empty.</summary>
    /// <param name="units">What is to be divided.</param>
    /// <param name="labelCount">Number of labels, C.</param>
    /// <param name="shares">Share of each subset, [K], 1 in all.</param>
    /// <param name="fillsAll">
    /// True: a label of at least K units lacks one image at least in each subset; the last subset gives it.
    /// </param>
    public static LabelShares Of(
        IReadOnlyList<StratifiedUnit> units,
        int labelCount,
        IReadOnlyList<double> shares,
        bool fillsAll
    )
    {
        int size = units.Sum(unit => unit.Size);
        int[] imagesOf = new int[labelCount];
        int[] unitsOf = new int[labelCount];
        foreach ((int label, int count) in units.SelectMany(unit => unit.Counts))
        {
            imagesOf[label] += count;
            unitsOf[label]++;
        }

        double[,] ofLabel = new double[shares.Count, labelCount];
        int last = shares.Count - 1;
        for (int label = 0; label < labelCount; label++)
        {
            ofLabel[last, label] = imagesOf[label];
            for (int subset = 0; subset < last; subset++)
            {
                double least = fillsAll && unitsOf[label] > last ? 1 : 0;
                ofLabel[subset, label] = Math.Max(least, imagesOf[label] * shares[subset]);
                ofLabel[last, label] -= ofLabel[subset, label];
            }
        }

        return new([.. shares.Select(share => share * size)], ofLabel);
    }

    /// <summary>Images that a subset lacks.</summary>
    public double Images(int subset) => _images[subset];

    /// <summary>Images with a label that a subset lacks.</summary>
    public double OfLabel(int subset, int label) => _ofLabel[subset, label];

    /// <summary>Puts a unit into a subset, or with a sign of -1 takes it out again.</summary>
    public void Put(StratifiedUnit unit, int subset, int sign = 1)
    {
        _images[subset] -= sign * unit.Size;
        foreach ((int label, int count) in unit.Counts)
        {
            _ofLabel[subset, label] -= sign * count;
        }
    }

    /// <summary>The sum of squares of what is lacking, over the labels of some units and the sizes.</summary>
    public double SquaredLack(IEnumerable<StratifiedUnit> units, params ReadOnlySpan<int> subsets)
    {
        HashSet<int> labels = [.. units.SelectMany(unit => unit.Counts).Select(one => one.Label)];
        double sum = 0;
        foreach (int subset in subsets)
        {
            sum += _images[subset] * _images[subset];
            foreach (int label in labels)
            {
                sum += _ofLabel[subset, label] * _ofLabel[subset, label];
            }
        }

        return sum;
    }
}
