using System.Text.Json.Nodes;
using Graft.Training.Metrics;

namespace Graft.Training; // not Graft.Evaluation: a namespace of that name would hide the type

/// <summary>How good one set of predictions is.</summary>
/// <param name="Count">Images.</param>
/// <param name="Correct">Images whose most probable class is theirs; of equal probabilities the first class
/// counts.</param>
/// <param name="AccuracyInterval">Wilson's 95 % interval of the accuracy.</param>
/// <param name="BalancedAccuracy">Mean recall over the classes that have images.</param>
/// <param name="MacroF1">Mean F1 over the classes that have images or were predicted.</param>
/// <param name="LogLoss">Mean of -ln p(true class), in nats; p is taken as at least 2^-23 (float32's epsilon), so that
/// one image costs at most 15.9.</param>
/// <param name="CalibrationError">Expected calibration error over 15 equally wide bins of the confidence, 0 to
/// 1.</param>
/// <param name="Classes">One a class, in the order of the outputs.</param>
/// <param name="Confusion">[C][C]: images of the row's class that were taken for the column's.</param>
/// <param name="Reliability">The bins of the calibration error.</param>
/// <param name="RiskCoverage">What would be answered, and how wrongly, from several confidences on: from all images
/// down to about half of them.</param>
/// <param name="Sure">What is answered from the model's own threshold on
/// (<see cref="Prediction.ModelCard.UnsureBelow"/>); null where it has none.</param>
public sealed record Evaluation(
    int Count,
    int Correct,
    Interval AccuracyInterval,
    double BalancedAccuracy,
    double MacroF1,
    double LogLoss,
    double CalibrationError,
    IReadOnlyList<ClassEvaluation> Classes,
    IReadOnlyList<IReadOnlyList<int>> Confusion,
    IReadOnlyList<ReliabilityBin> Reliability,
    IReadOnlyList<Abstention> RiskCoverage,
    Abstention? Sure = null
)
{
    internal const double SmallestProbability = 1.0 / (1 << 23);

    /// <summary>0 to 1.</summary>
    public double Accuracy => (double)Correct / Count;

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
        return new(
            labels.Length,
            correct,
            Interval.Wilson(correct, labels.Length),
            classes.Where(c => c.Recall is not null).Average(c => c.Recall!.Value),
            classes.Where(c => c.F1 is not null).Average(c => c.F1!.Value),
            loss / labels.Length,
            ReliabilityBin.Error(bins),
            classes,
            confusion,
            bins,
            Abstention.Table(confidences, isCorrect),
            unsureBelow is double threshold ? Abstention.At(threshold, confidences, isCorrect) : null
        );
    }

    /// <summary>
    /// The keys of evaluation.json; what has no value, such as the recall of a class without images, is null; "sure" is
    /// there where the model has a threshold.
    /// </summary>
    public JsonObject ToJson()
    {
        JsonObject json = Figures();
        if (Sure is not null)
        {
            json["sure"] = Sure.ToJson();
        }

        return json;
    }

    private JsonObject Figures() =>
        new()
        {
            ["accuracy"] = Accuracy,
            ["accuracyInterval"] = new JsonArray(AccuracyInterval.Low, AccuracyInterval.High),
            ["count"] = Count,
            ["correct"] = Correct,
            ["balancedAccuracy"] = BalancedAccuracy,
            ["macroF1"] = MacroF1,
            ["logLoss"] = LogLoss,
            ["calibrationError"] = CalibrationError,
            ["riskCoverage"] = new JsonArray([.. RiskCoverage.Select(row => row.ToJson())]),
            ["classes"] = new JsonArray([.. Classes.Select(c => c.ToJson())]),
            ["confusion"] = new JsonArray([
                .. Confusion.Select(row => new JsonArray([.. row.Select(count => JsonValue.Create(count))])),
            ]),
            ["reliability"] = new JsonArray([.. Reliability.Select(bin => bin.ToJson())]),
        };
}
