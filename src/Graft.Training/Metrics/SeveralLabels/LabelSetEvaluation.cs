namespace Graft.Training.Metrics;

/// <summary>Evaluates probabilities of images that may have several labels.</summary>
internal static class LabelSetEvaluation
{
    private const int MostPairs = 20;

    /// <summary>Compares probabilities with labels.</summary>
    /// <param name="classNames">C names, in the order of the columns.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="probabilities">[N,C], row by row, each 0 to 1.</param>
    /// <param name="thresholds">Probability from which each class is given, [C].</param>
    /// <param name="unsureBelow">
    /// Probability below which a given label is unsure, 0 to 1; null: every given label is sure.
    /// </param>
    /// <exception cref="ArgumentException">No images, or values that are no probabilities.</exception>
    public static Evaluation Of(
        IReadOnlyList<string> classNames,
        TrueLabels labels,
        ReadOnlySpan<float> probabilities,
        IReadOnlyList<double> thresholds,
        double? unsureBelow
    )
    {
        int classCount = classNames.Count;
        Check(classCount, labels, probabilities);
        LabelDecisions decisions = LabelDecisions.Of(probabilities, labels, thresholds);
        ResampledPrecision intervals = ResampledPrecision.Of(probabilities, labels, classCount);
        double[] scores = Wide(probabilities);
        double?[] precisions = AveragePrecision.OfClasses(scores, labels, classCount);
        (double[] confidences, bool[] isCorrect) = GivenAnswers.OfSets(probabilities, labels, thresholds);
        ReliabilityBin[] bins = BinsOf(scores, labels, classCount);
        ClassEvaluation[] classes = ClassesOf(
            classNames,
            labels,
            probabilities.ToArray(),
            thresholds,
            decisions,
            precisions,
            intervals
        );
        return new()
        {
            Count = labels.Count,
            Correct = decisions.Exact,
            AccuracyInterval = Interval.Wilson(decisions.Exact, labels.Count),
            BalancedAccuracy = classes.Select(c => c.Recall).OfType<double>().DefaultIfEmpty().Average(),
            MacroF1 = decisions.MacroF1 ?? 0,
            LogLoss = LogLossOf(probabilities, labels, classCount),
            CalibrationError = ReliabilityBin.Error(bins),
            RiskCoverage = confidences.Length == 0 ? [] : Abstention.Table(confidences, isCorrect),
            Classes = classes,
            Confusion = [],
            Reliability = bins,
            Sure = SureOf(unsureBelow, confidences, isCorrect),
            MeanAveragePrecision = AveragePrecision.Mean(precisions),
            MeanAveragePrecisionInterval = intervals.Mean,
            MicroF1 = decisions.MicroF1 ?? 0,
            ExactMatch = decisions.ExactMatch,
            HammingLoss = decisions.HammingLoss,
            CoverageError = LabelDecisions.CoverageError(probabilities, labels, classCount),
            LabelPairs = PairsOf(classNames, probabilities, labels, thresholds),
        };
    }

    private static Abstention? SureOf(double? unsureBelow, double[] confidences, bool[] isCorrect) =>
        unsureBelow is double threshold && confidences.Length > 0
            ? Abstention.At(threshold, confidences, isCorrect)
            : null;

    private static ClassEvaluation[] ClassesOf(
        IReadOnlyList<string> classNames,
        TrueLabels labels,
        float[] probabilities,
        IReadOnlyList<double> thresholds,
        LabelDecisions decisions,
        double?[] precisions,
        ResampledPrecision intervals
    ) =>
        [
            .. classNames.Select(
                (name, c) =>
                    new ClassEvaluation(
                        name,
                        decisions.PrecisionOf(c),
                        decisions.RecallOf(c),
                        decisions.F1Of(c),
                        labels.PositivesOf(c)
                    )
                    {
                        AveragePrecision = precisions[c],
                        AveragePrecisionInterval = intervals.OfClasses[c],
                        F1Interval =
                            labels.PositivesOf(c) == 0 ? null : ResampledF1.Of(probabilities, labels, c, thresholds),
                        Threshold = thresholds[c],
                    }
            ),
        ];

    private static void Check(int classCount, TrueLabels labels, ReadOnlySpan<float> probabilities)
    {
        if (labels.Count == 0 || classCount == 0)
        {
            throw new ArgumentException("there are no images to evaluate; give at least one", nameof(labels));
        }

        if ((long)labels.Count * classCount != probabilities.Length || labels.ClassCount != classCount)
        {
            throw new ArgumentException(
                $"{probabilities.Length} values are not {labels.Count} rows of {classCount}",
                nameof(labels)
            );
        }

        foreach (float probability in probabilities)
        {
            if (!(probability is >= 0 and <= 1))
            {
                throw new ArgumentException($"{probability} is no probability", nameof(probabilities));
            }
        }
    }

    private static double[] Wide(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = values[i];
        }

        return wide;
    }

    // Every probability is a confidence, and right where the image has the class.
    private static ReliabilityBin[] BinsOf(double[] probabilities, TrueLabels labels, int classCount)
    {
        bool[] isTrue = new bool[probabilities.Length];
        for (int i = 0; i < isTrue.Length; i++)
        {
            isTrue[i] = labels.Has(i / classCount, i % classCount);
        }

        return ReliabilityBin.Of(probabilities, isTrue);
    }

    private static double LogLossOf(ReadOnlySpan<float> probabilities, TrueLabels labels, int classCount)
    {
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            double ofTruth = labels.Has(i / classCount, i % classCount)
                ? probabilities[i]
                : 1 - (double)probabilities[i];
            sum -= Math.Log(Math.Clamp(ofTruth, Evaluation.SmallestProbability, 1));
        }

        return sum / labels.Count;
    }

    private static LabelPair[] PairsOf(
        IReadOnlyList<string> names,
        ReadOnlySpan<float> probabilities,
        TrueLabels labels,
        IReadOnlyList<double> thresholds
    )
    {
        int classCount = names.Count;
        int[,] confused = new int[classCount, classCount];
        int[,] missed = new int[classCount, classCount];
        List<int> wrong = [];
        for (int n = 0; n < labels.Count; n++)
        {
            wrong.Clear();
            for (int c = 0; c < classCount; c++)
            {
                if (LabelDecisions.IsGiven(probabilities[(n * classCount) + c], thresholds[c]) != labels.Has(n, c))
                {
                    wrong.Add(c);
                }
            }

            foreach ((int first, int second) in wrong.SelectMany(first => wrong.Select(second => (first, second))))
            {
                (bool hasFirst, bool hasSecond) = (labels.Has(n, first), labels.Has(n, second));
                confused[first, second] += hasFirst && !hasSecond ? 1 : 0;
                missed[first, second] += hasFirst && hasSecond && first < second ? 1 : 0;
            }
        }

        return
        [
            .. Enumerable
                .Range(0, classCount * classCount)
                .Select(i => (First: i / classCount, Second: i % classCount))
                .Select(at => new LabelPair(
                    names[at.First],
                    names[at.Second],
                    confused[at.First, at.Second],
                    missed[at.First, at.Second]
                ))
                .Where(pair => pair.Confused + pair.MissedTogether > 0)
                .OrderByDescending(pair => pair.Confused + pair.MissedTogether)
                .Take(MostPairs),
        ];
    }
}
