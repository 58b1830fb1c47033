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
/// <param name="Labels">What is true of the same images, N.</param>
/// <param name="Stopped">Why its training stopped, half a sentence.</param>
internal record ModelCandidate(
    string Name,
    OnnxModel Network,
    ValidationScore Score,
    float[] Logits,
    TrueLabels Labels,
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

    /// <summary>What is true of the images of <see cref="HeldOutLogits"/>, M.</summary>
    public TrueLabels HeldOutLabels { get; init; } = Labels;

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
    public double OwnTemperature => Calibration.Fit(Logits, Labels, ClassCount).Temperature;

    /// <summary>
    /// Novelty scores of images that the weights did not see (<c>NoveltyScore</c>); null where the body is unchanged,
    /// so that its weights saw no image.
    /// </summary>
    public double[]? HeldOutDistances { get; init; }

    public string Summary =>
        $"validation {MeasureName.Of(Labels)} {Score.Accuracy:P1}, calibrated loss {Score.Loss:0.000}";

    /// <summary>
    /// Scores logits. The loss is calibrated first, so that neither a cautious nor an overconfident candidate has an
    /// advantage.
    /// </summary>
    public static ValidationScore CalibratedScore(float[] logits, TrueLabels labels)
    {
        double calibrated = Calibration.Fit(logits, labels, logits.Length / labels.Count).LossAfter;
        return ValidationScore.Of(logits, labels) with { Loss = calibrated };
    }

    public static ModelCandidate Of(
        string name,
        OnnxModel network,
        float[] logits,
        TrueLabels labels,
        string stopped
    ) => new(name, network, CalibratedScore(logits, labels), logits, labels, stopped);

    /// <summary>
    /// Compares by right answers where they differ by more than the standard error of the difference, image by image.
    /// Otherwise compares by the calibrated loss, which says more about few images.
    /// </summary>
    public bool IsBetterThan(ModelCandidate other)
    {
        int[] gains = [.. RightAnswers().Zip(other.RightAnswers(), (own, others) => own - others)];
        int gained = gains.Sum();
        return Math.Abs(gained) > Math.Sqrt(gains.Sum(gain => gain * gain))
            ? gained > 0
            : Score.Loss < other.Score.Loss;
    }

    /// <summary>
    /// True where this candidate should be shipped instead of the simpler probe. It must be better, and a
    /// cross-validation on a handful of images does not count, because the better of two is often the luckier one
    /// (docs/results.md, "Never worse, on tiny sets").
    /// </summary>
    public bool IsWorthMoreThan(ProbeCandidate probe) =>
        !(IsOutOfFold && Labels.Count < FewestOutOfFold) && IsBetterThan(probe);

    /// <summary>95 % interval of the score's accuracy, or mean average precision, on the validation images.</summary>
    public Interval AccuracyInterval =>
        Labels.AreSets
            ? ResampledPrecision.Of(Logits, Labels, ClassCount).Mean
            : Interval.Wilson(RightAnswers().Sum(), Labels.Count);

    // Right answers to each image: 0 or 1, or how many of its C decisions are right with calibrated probabilities.
    private int[] RightAnswers()
    {
        if (!Labels.AreSets)
        {
            return
            [
                .. Labels.Numbers.Select(
                    (label, n) =>
                        ProbabilityMatrix.IndexOfLargest<float>(Logits.AsSpan(n * ClassCount, ClassCount)) == label
                            ? 1
                            : 0
                ),
            ];
        }

        float[] probabilities = Calibration.Fit(Logits, Labels, ClassCount).Probabilities(Logits);
        return
        [
            .. Enumerable
                .Range(0, Labels.Count)
                .Select(n =>
                    Enumerable
                        .Range(0, ClassCount)
                        .Count(c => probabilities[(n * ClassCount) + c] >= 0.5 == Labels.Has(n, c))
                ),
        ];
    }

    private int ClassCount => (int)Network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
}
