using Graft.Onnx;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>A candidate: a network that could be shipped.</summary>
/// <param name="Name">Kind of the candidate: "probe" or "fine-tuned".</param>
/// <param name="Network">Body and head, with logits as output.</param>
/// <param name="Score">
/// Figures on the validation images, by weights that did not see them. The loss is that of calibrated probabilities.
/// </param>
/// <param name="Logits">Logits of the same images, [N,C].</param>
/// <param name="Labels">Class numbers of the same images, [N].</param>
/// <param name="Stopped">Why its training stopped, half a sentence.</param>
internal record ModelCandidate(
    string Name,
    OnnxModel Network,
    ValidationScore Score,
    float[] Logits,
    int[] Labels,
    string Stopped
)
{
    /// <summary>
    /// Fewest images on which fine-tuning can win by cross-validation. With fewer, the probe is shipped.
    /// </summary>
    public const int FewestOutOfFold = 12;

    /// <summary>
    /// Logits [M,C] of images that their weights did not see, as confident as those of the shipped weights. Temperature
    /// and threshold are fitted on them.
    /// </summary>
    public float[] HeldOutLogits { get; init; } = Logits;

    /// <summary>Class numbers of <see cref="HeldOutLogits"/>, [M].</summary>
    public int[] HeldOutLabels { get; init; } = Labels;

    /// <summary>The choices that led to this candidate.</summary>
    public IReadOnlyList<TrialTable> Trials { get; init; } = [];

    /// <summary>
    /// True where <see cref="Score"/> comes from networks that were trained on parts of the training images, by
    /// cross-validation.
    /// </summary>
    public bool IsOutOfFold { get; init; }

    /// <summary>Edge where the trained part begins; null: the body is unchanged.</summary>
    public CutPoint? Cut { get; init; }

    /// <summary>
    /// Share (0..1) of the trained weights in the weight interpolation with the probe; 1: they are not mixed.
    /// </summary>
    public double Share { get; init; } = 1;

    /// <summary>The temperature that calibrates its logits.</summary>
    public double OwnTemperature =>
        Temperature.Fit(Array.ConvertAll(Logits, logit => (double)logit), Labels, ClassCount).Value;

    /// <summary>
    /// Novelty scores of images that the weights did not see (<c>NoveltyScore</c>); null where the body is unchanged,
    /// so that its weights saw no image.
    /// </summary>
    public double[]? HeldOutDistances { get; init; }

    public string Summary => $"validation accuracy {Score.Accuracy:P1}, calibrated loss {Score.Loss:0.000}";

    /// <summary>
    /// Scores logits. The loss is calibrated first, so that neither a cautious nor an overconfident candidate has an
    /// advantage.
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
    /// Compares by accuracy where it differs by more than the standard error of the difference, image by image.
    /// Otherwise compares by the calibrated loss, which says more about few images.
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
    /// True where this candidate should be shipped instead of the simpler probe. It must be better, and a
    /// cross-validation on a handful of images does not count, because the better of two is often the luckier one
    /// (docs/results.md, "Never worse, on tiny sets").
    /// </summary>
    public bool IsWorthMoreThan(ProbeCandidate probe) =>
        !(IsOutOfFold && Labels.Length < FewestOutOfFold) && IsBetterThan(probe);

    /// <summary>95 % interval of the accuracy on the validation images.</summary>
    public Interval AccuracyInterval => Interval.Wilson(Correct().Count(hit => hit), Labels.Length);

    private bool[] Correct() =>
        [
            .. Labels.Select(
                (label, n) =>
                    ProbabilityMatrix.IndexOfLargest<float>(Logits.AsSpan(n * ClassCount, ClassCount)) == label
            ),
        ];

    private int ClassCount => (int)Network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
}
