using Graft.Training.Data;
using Graft.Training.Metrics;

namespace Graft.Training.Release;

/// <summary>Compares probabilities with the test images' labels, for either task.</summary>
/// <param name="data">The images of the run.</param>
/// <param name="thresholds">Probability from which each class is given, [C]. Null: each image has one class.</param>
/// <param name="unsureBelow">The confidence below which the model is unsure. Null: it never is.</param>
internal sealed class TestedModel(TrainingData data, double[]? thresholds, double? unsureBelow)
{
    private readonly TrueLabels _labels = data.TrueLabelsOf(data.Test);

    /// <summary>The evaluation of all test images.</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    public Evaluation Evaluate(float[] probabilities) =>
        Evaluation.Of(data.Set.Classes, _labels, probabilities, thresholds, unsureBelow);

    /// <summary>The evaluation of the images that did not leak; null where all or none did.</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    /// <param name="areLeaked">Whether each image is known from training, [N].</param>
    public Evaluation? WithoutLeaks(float[] probabilities, bool[] areLeaked)
    {
        int classCount = data.ClassCount;
        int[] kept = [.. Enumerable.Range(0, _labels.Count).Where(i => !areLeaked[i])];
        return kept.Length == _labels.Count || kept.Length == 0
            ? null
            : Evaluation.Of(
                data.Set.Classes,
                _labels.At(kept),
                kept.SelectMany(i => probabilities[(i * classCount)..((i + 1) * classCount)]).ToArray(),
                thresholds,
                null
            );
    }

    /// <summary>The answer to each test image.</summary>
    /// <param name="probabilities">[N,C], row by row.</param>
    public IReadOnlyList<TestAnswer> Answers(float[] probabilities) =>
        [
            .. Enumerable
                .Range(0, _labels.Count)
                .Select(n => AnswerTo(n, probabilities.AsSpan(n * data.ClassCount, data.ClassCount))),
        ];

    private TestAnswer AnswerTo(int image, ReadOnlySpan<float> row)
    {
        if (thresholds is null)
        {
            int answer = ProbabilityMatrix.IndexOfLargest(row);
            string given = data.Set.Classes[answer];
            return new(data.Test[image], [given], row[answer], answer == _labels.Numbers[image]);
        }

        List<string> labels = [];
        double surestWrong = 0;
        double leastSure = 1;
        for (int c = 0; c < row.Length; c++)
        {
            bool isGiven = LabelDecisions.IsGiven(row[c], thresholds[c]);
            double confidence = isGiven ? row[c] : 1 - row[c];
            leastSure = Math.Min(leastSure, confidence);
            if (isGiven)
            {
                labels.Add(data.Set.Classes[c]);
            }

            if (isGiven != _labels.Has(image, c))
            {
                surestWrong = Math.Max(surestWrong, confidence);
            }
        }

        bool isCorrect = surestWrong == 0;
        return new(data.Test[image], labels, isCorrect ? leastSure : surestWrong, isCorrect);
    }
}
