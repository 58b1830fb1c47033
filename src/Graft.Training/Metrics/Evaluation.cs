using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Training.Metrics;

namespace Graft.Training; // not Graft.Evaluation: a namespace of that name would hide the type

/// <summary>How good a model's answers are on a set of labelled images.</summary>
public record Evaluation
{
    internal const double SmallestProbability = 1.0 / (1 << 23);

    [JsonConstructor]
    internal Evaluation() { }

    /// <summary>
    /// Share of images whose most probable class is their label, 0 to 1. Where images may have several labels: share of
    /// images whose labels are all right, the exact match.
    /// </summary>
    [JsonPropertyOrder(-1)]
    public double Accuracy => (double)Correct / Count;

    /// <summary>Wilson's 95 % interval of the accuracy.</summary>
    public required Interval AccuracyInterval { get; init; }

    /// <summary>Number of images.</summary>
    public required int Count { get; init; }

    /// <summary>
    /// Number of images whose most probable class is their label; of equal probabilities the first class counts. Where
    /// images may have several labels: number of images whose labels are all right.
    /// </summary>
    public required int Correct { get; init; }

    /// <summary>Mean recall over the classes that have images, 0 to 1.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>Mean F1 over the classes that have images or were predicted, 0 to 1.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>
    /// Mean of -ln p(label), in nats. p counts as at least 2^-23 (float32's epsilon), so that one image costs at most
    /// 15.9. Where images may have several labels: summed over the classes, each of which is true or not.
    /// </summary>
    public required double LogLoss { get; init; }

    /// <summary>
    /// Expected calibration error over 15 equally wide bins of the confidence, 0 to 1 (Guo et al. 2017). Where images
    /// may have several labels: over the probabilities of all images and classes.
    /// </summary>
    public required double CalibrationError { get; init; }

    /// <summary>
    /// Share of images answered, and how wrongly, above several confidences: from all images down to about half of
    /// them. Where images may have several labels: share of the given labels.
    /// </summary>
    public required IReadOnlyList<Abstention> RiskCoverage { get; init; }

    /// <summary>One entry for each class, in the order of the model's outputs.</summary>
    public required IReadOnlyList<ClassEvaluation> Classes { get; init; }

    /// <summary>
    /// [C][C]: number of images of the row's class that were taken for the column's. Empty where images may have
    /// several labels.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>The bins of the calibration error.</summary>
    public required IReadOnlyList<ReliabilityBin> Reliability { get; init; }

    /// <summary>
    /// What is answered above the model's own threshold (<see cref="Prediction.ModelCard.UnsureBelow"/>); null if it
    /// has none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Abstention? Sure { get; init; }

    /// <summary>
    /// Mean of the classes' average precision, 0 to 1, over the classes that some image has. Null where each image has
    /// one label.
    /// </summary>
    [JsonPropertyOrder(-3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeanAveragePrecision { get; init; }

    /// <summary>
    /// 95 % interval of <see cref="MeanAveragePrecision"/> by the bootstrap over images; null where each image has one
    /// label.
    /// </summary>
    [JsonPropertyOrder(-3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? MeanAveragePrecisionInterval { get; init; }

    /// <summary>F1 over all labels of all images, 0 to 1; null where each image has one label.</summary>
    [JsonPropertyOrder(-2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MicroF1 { get; init; }

    /// <summary>
    /// Share of images whose labels are all right, 0 to 1, as <see cref="Accuracy"/>; null where each image has one
    /// label.
    /// </summary>
    [JsonPropertyOrder(-2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ExactMatch { get; init; }

    /// <summary>
    /// Share of wrong decisions among those of all images and classes, 0 to 1; null where each image has one label.
    /// </summary>
    [JsonPropertyOrder(-2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? HammingLoss { get; init; }

    /// <summary>
    /// How many of the most probable classes one must take, on average, to have all labels of an image: 0 to C. Images
    /// without labels count as 0. Null where each image has one label.
    /// </summary>
    [JsonPropertyOrder(-2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CoverageError { get; init; }

    /// <summary>
    /// Pairs of classes that are confused or missed together, the most frequent first, at most 20; null where each
    /// image has one label.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LabelPair>? LabelPairs { get; init; }

    /// <summary>
    /// The first figure to look at: mean average precision, or accuracy where each image has one label.
    /// </summary>
    internal double Headline => MeanAveragePrecision ?? Accuracy;

    /// <summary>Its 95 % interval.</summary>
    internal Interval HeadlineInterval => MeanAveragePrecisionInterval ?? AccuracyInterval;

    /// <summary>Images that the model could not use; they are not counted. Not in evaluation.json.</summary>
    [JsonIgnore]
    public IReadOnlyList<RejectedImage> Rejected { get; init; } = [];

    /// <summary>Compares probabilities with labels.</summary>
    /// <param name="classNames">C names, in the order of the columns.</param>
    /// <param name="labels">[N], 0 to C - 1.</param>
    /// <param name="probabilities">[N,C], row by row; each row sums to 1.</param>
    /// <param name="unsureBelow">The confidence below which the model does not answer, 0 to 1; null: it always
    /// does.</param>
    /// <exception cref="ArgumentException">No images, a label out of range, or rows that are not
    /// probabilities.</exception>
    public static Evaluation Of(
        IReadOnlyList<string> classNames,
        ReadOnlySpan<int> labels,
        ReadOnlySpan<float> probabilities,
        double? unsureBelow = null
    )
    {
        int classCount = classNames.Count;
        ProbabilityMatrix.Check(classCount, labels, probabilities);
        int[][] confusion = [.. classNames.Select(_ => new int[classCount])];
        double loss = 0;
        double[] confidences = new double[labels.Length];
        bool[] isCorrect = new bool[labels.Length];
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(n * classCount, classCount);
            int predicted = ProbabilityMatrix.IndexOfLargest(row);
            confusion[labels[n]][predicted]++;
            confidences[n] = Math.Min(row[predicted], 1);
            isCorrect[n] = predicted == labels[n];
            loss -= Math.Log(Math.Clamp(row[labels[n]], SmallestProbability, 1));
        }

        int correct = isCorrect.Count(hit => hit);
        ClassEvaluation[] classes = [.. classNames.Select((name, c) => ClassEvaluation.Of(name, c, confusion))];
        ReliabilityBin[] bins = ReliabilityBin.Of(confidences, isCorrect);
        return new()
        {
            Count = labels.Length,
            Correct = correct,
            AccuracyInterval = Interval.Wilson(correct, labels.Length),
            BalancedAccuracy = classes.Where(c => c.Recall is not null).Average(c => c.Recall!.Value),
            MacroF1 = classes.Where(c => c.F1 is not null).Average(c => c.F1!.Value),
            LogLoss = loss / labels.Length,
            CalibrationError = ReliabilityBin.Error(bins),
            RiskCoverage = Abstention.Table(confidences, isCorrect),
            Classes = classes,
            Confusion = confusion,
            Reliability = bins,
            Sure = unsureBelow is double threshold ? Abstention.At(threshold, confidences, isCorrect) : null,
        };
    }

    /// <summary>The evaluation of either task.</summary>
    /// <param name="classNames">C names, in the order of the columns.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <param name="thresholds">
    /// Probability from which each class is given, [C]; null where each image has one class.
    /// </param>
    /// <param name="unsureBelow">The confidence below which the model is unsure; null: it never is.</param>
    internal static Evaluation Of(
        IReadOnlyList<string> classNames,
        TrueLabels labels,
        ReadOnlySpan<float> probabilities,
        IReadOnlyList<double>? thresholds,
        double? unsureBelow
    ) =>
        labels.AreSets
            ? LabelSetEvaluation.Of(
                classNames,
                labels,
                probabilities,
                thresholds ?? [.. classNames.Select(_ => LabelThresholds.Usual)],
                unsureBelow
            )
            : Of(classNames, labels.Numbers, probabilities, unsureBelow);

    /// <summary>The evaluation as JSON, with the names of evaluation.json.</summary>
    public virtual string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Instance.Evaluation);
}
