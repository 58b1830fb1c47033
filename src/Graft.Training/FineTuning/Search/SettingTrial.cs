using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>Result of a short training by one setting.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Epochs">Epochs of the training.</param>
/// <param name="StartLoss">Validation loss before the first step, in nats.</param>
/// <param name="Logits">Validation logits, [N,C]. Empty where the training diverged.</param>
/// <param name="Labels">What is true of the validation images, N.</param>
internal sealed record SettingTrial(Setting Setting, int Epochs, double StartLoss, float[] Logits, TrueLabels Labels)
{
    private const double HalfTheWay = 0.5;
    private readonly Lazy<ValidationScore> _score = new(() => ModelCandidate.CalibratedScore(Logits, Labels));

    /// <summary>True where the training diverged.</summary>
    public bool IsDiverged { get; } = Logits.Length == 0 || Array.Exists(Logits, logit => !float.IsFinite(logit));

    /// <summary>Validation score with calibrated probabilities.</summary>
    public ValidationScore Score => IsDiverged ? new(0, double.PositiveInfinity) : _score.Value;

    private double RawLoss => ValidationScore.Of(Logits, Labels).Loss;

    /// <summary>True where a longer training may show that this setting is better than the default one.</summary>
    public bool MayBeat(SettingTrial usual) =>
        !IsDiverged
        && (
            usual.IsDiverged
            || (Score.Loss < usual.Score.Loss && (Setting.Rate <= usual.Setting.Rate || usual.CrawlsBehind(this)))
        );

    /// <summary>
    /// True where the calibrated loss is lower by more than the standard error of the difference, image by image, and
    /// by at least one nat over all images. For a higher rate the default one must also crawl: a short training ends
    /// far from its goal, which flatters high rates.
    /// </summary>
    /// <param name="usual">The trial of the default setting.</param>
    /// <param name="gain">Difference of the losses per image, in nats.</param>
    public bool Beats(SettingTrial usual, out WeightedMean gain)
    {
        gain = new();
        if (usual.IsDiverged || !MayBeat(usual))
        {
            return MayBeat(usual);
        }

        foreach ((double own, double other) in CalibratedLosses().Zip(usual.CalibratedLosses()))
        {
            gain.Add(other - own, 1);
        }

        return gain.Mean > Math.Max(gain.StandardError, 1.0 / Labels.Count);
    }

    // While the loss falls in proportion to rate x steps, a third of the rate goes a third of the way. A quarter of a
    // training at three times the rate goes as far as three quarters of it at the default rate. If the loss still falls
    // in that proportion, the default rate is too small to reach the goal.
    private bool CrawlsBehind(SettingTrial faster) => StartLoss - RawLoss < HalfTheWay * (StartLoss - faster.RawLoss);

    private IEnumerable<double> CalibratedLosses() =>
        Calibration.Fit(Logits, Labels, Logits.Length / Labels.Count).Losses(Logits, Labels);
}
