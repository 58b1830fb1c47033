namespace Graft.Training.Metrics;

/// <summary>
/// Average precision: the precision at each score, weighted by the recall that is gained there (scikit-learn's
/// definition, without interpolation). Images of equal scores count together.
/// </summary>
internal static class AveragePrecision
{
    /// <summary>The average precision of one class, 0 to 1; null where no image has it.</summary>
    /// <param name="scores">Score of each image, [N]; only their order matters.</param>
    /// <param name="has">Whether each image has the class, [N].</param>
    public static double? Of(double[] scores, bool[] has)
    {
        int positives = has.Count(one => one);
        if (positives == 0)
        {
            return null;
        }

        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(n => scores[n])];
        double sum = 0;
        int found = 0;
        int gained = 0;
        for (int i = 0; i < order.Length; i++)
        {
            gained += has[order[i]] ? 1 : 0;
            if (i + 1 == order.Length || scores[order[i + 1]] < scores[order[i]])
            {
                found += gained;
                sum += gained * ((double)found / (i + 1));
                gained = 0;
            }
        }

        return sum / positives;
    }

    /// <summary>The average precision of each class, [C]; null where no image has it.</summary>
    /// <param name="scores">Scores, [N,C] row by row.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="classCount">Number of classes, C.</param>
    public static double?[] OfClasses(ReadOnlySpan<double> scores, TrueLabels labels, int classCount)
    {
        double?[] all = new double?[classCount];
        double[] column = new double[labels.Count];
        bool[] has = new bool[labels.Count];
        for (int c = 0; c < classCount; c++)
        {
            for (int n = 0; n < labels.Count; n++)
            {
                (column[n], has[n]) = (scores[(n * classCount) + c], labels.Has(n, c));
            }

            all[c] = Of(column, has);
        }

        return all;
    }

    /// <summary>The mean over the classes that some image has, 0 to 1; 0 where no image has any.</summary>
    /// <inheritdoc cref="OfClasses"/>
    public static double Mean(ReadOnlySpan<double> scores, TrueLabels labels, int classCount) =>
        Mean(OfClasses(scores, labels, classCount));

    /// <summary>The mean of the classes that have a figure; 0 where none has.</summary>
    /// <param name="ofClasses">What <see cref="OfClasses"/> returned.</param>
    public static double Mean(double?[] ofClasses) => ofClasses.OfType<double>().DefaultIfEmpty().Average();
}
