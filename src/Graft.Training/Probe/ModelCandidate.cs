using Graft.Onnx;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>A network that could be shipped.</summary>
/// <param name="Name">"probe" or "fine-tuned".</param>
/// <param name="Network">Body and head, down to the logits.</param>
/// <param name="Score">On the images that judge, by weights that did not see them; the loss is that of calibrated
/// probabilities.</param>
/// <param name="Logits">On the same images, N x C.</param>
/// <param name="Labels">Their classes.</param>
/// <param name="Stopped">Why its training stopped.</param>
internal record ModelCandidate(
    string Name,
    OnnxModel Network,
    ValidationScore Score,
    float[] Logits,
    int[] Labels,
    string Stopped
)
{
    /// <summary>Images that can tell fine-tuning from the probe out of fold; of fewer the probe is shipped.</summary>
    public const int FewestOutOfFold = 12;

    /// <summary>
    /// Answers to images that their weights did not see, and as sure as the shipped weights: what temperature and
    /// threshold are fitted on, M x C.
    /// </summary>
    public float[] HeldOutLogits { get; init; } = Logits;

    /// <summary>Their classes, M.</summary>
    public int[] HeldOutLabels { get; init; } = Labels;

    /// <summary>What was tried on the way to it.</summary>
    public IReadOnlyList<TrialTable> Trials { get; init; } = [];

    /// <summary>
    /// Whether <see cref="Score"/> is that of networks that were trained on parts of the training images, by
    /// cross-validation.
    /// </summary>
    public bool IsOutOfFold { get; init; }

    /// <summary>Where its trained part begins; null: the body is as it was.</summary>
    public CutPoint? Cut { get; init; }

    /// <summary>The share of the trained weights in it, 0..1; the rest are the probe's.</summary>
    public double Share { get; init; } = 1;

    /// <summary>By which its logits are divided to be as sure as they may be.</summary>
    public double OwnTemperature =>
        Temperature.Fit(Array.ConvertAll(Logits, logit => (double)logit), Labels, ClassCount).Value;

    /// <summary>
    /// How far images that the weights did not see lie from what they were trained on
    /// (<c>NoveltyScore</c>); null: the body's own weights saw none of them.
    /// </summary>
    public double[]? HeldOutDistances { get; init; }

    public string Summary => $"validation accuracy {Score.Accuracy:P1}, calibrated loss {Score.Loss:0.000}";

    /// <summary>
    /// Judges logits; calibrated, so that a candidate is not preferred for being modest, or another for being sure.
    /// </summary>
    public static ValidationScore CalibratedScore(float[] logits, int[] labels)
    {
        double calibrated = Temperature
            .Fit(Array.ConvertAll(logits, logit => (double)logit), labels, logits.Length / labels.Length)
            .LossAfter;
        return ValidationScore.Of(logits, labels) with { Loss = calibrated };
    }

    public static ModelCandidate Of(string name, OnnxModel network, float[] logits, int[] labels, string stopped) =>
        new(name, network, CalibratedScore(logits, labels), logits, labels, stopped);

    /// <summary>
    /// By accuracy where it differs by more than the standard error of the difference, image by image; by the
    /// calibrated loss, which says more about few
    /// images, where it does not.
    /// </summary>
    public bool IsBetterThan(ModelCandidate other)
    {
        bool[] own = Correct();
        bool[] others = other.Correct();
        int gained = own.Zip(others).Count(pair => pair.First && !pair.Second);
        int lost = own.Zip(others).Count(pair => !pair.First && pair.Second);
        return Math.Abs(gained - lost) > Math.Sqrt(gained + lost) ? gained > lost : Score.Loss < other.Score.Loss;
    }

    /// <summary>
    /// Whether it is to be shipped instead of the probe, which is simpler: better, and not by a handful of answers out
    /// of fold, of which the better of two is the luckier one
    /// (docs/results.md, "Never worse, on tiny sets").
    /// </summary>
    public bool IsWorthMoreThan(ProbeCandidate probe) =>
        !(IsOutOfFold && Labels.Length < FewestOutOfFold) && IsBetterThan(probe);

    private bool[] Correct() =>
        [
            .. Labels.Select(
                (label, n) =>
                    ProbabilityMatrix.IndexOfLargest<float>(Logits.AsSpan(n * ClassCount, ClassCount)) == label
            ),
        ];

    private int ClassCount => (int)Network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
}
