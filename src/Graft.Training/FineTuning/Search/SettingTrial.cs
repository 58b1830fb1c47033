using Graft.Training.Metrics;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>What a short training by one setting came to.</summary>
/// <param name="Epochs">Of its schedule.</param>
/// <param name="StartLoss">Before its first step, on the images that judge, nats.</param>
/// <param name="Logits">Of the images that judge, N x C; empty where it diverged.</param>
/// <param name="Labels">Their classes.</param>
internal sealed record SettingTrial(Setting Setting, int Epochs, double StartLoss, float[] Logits, int[] Labels)
{
    private const double HalfTheWay = 0.5;
    private readonly Lazy<ValidationScore> _score = new(() => ModelCandidate.Judge(Logits, Labels));

    public bool IsDiverged { get; } = Logits.Length == 0 || Array.Exists(Logits, logit => !float.IsFinite(logit));

    /// <summary>Calibrated.</summary>
    public ValidationScore Score => IsDiverged ? new(0, double.PositiveInfinity) : _score.Value;

    private double RawLoss => ValidationScore.Of(Logits, Labels).Loss;

    /// <summary>Whether a longer training may show this to be better than the usual setting.</summary>
    public bool MayBeat(SettingTrial usual) =>
        !IsDiverged
        && (
            usual.IsDiverged
            || (Score.Loss < usual.Score.Loss && (Setting.Rate <= usual.Setting.Rate || usual.CrawlsBehind(this)))
        );

    /// <summary>
    /// Better by more than the standard error of the difference, image by image (calibrated loss; a nat among all
    /// images at least). A higher rate must show too that the usual one
    /// crawls: everything is far from its end after a short training, which flatters it.
    /// </summary>
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

        return gain.Mean > Math.Max(gain.StandardError, 1.0 / Labels.Length);
    }

    // Of three times the rate: as long as the loss falls in proportion to rate x steps, a third of the way. A quarter
    // of a training at three times the rate goes as far as three quarters of it at
    // the usual one: where the loss still falls so there, the usual rate will not come to an end.
    private bool CrawlsBehind(SettingTrial faster) => StartLoss - RawLoss < HalfTheWay * (StartLoss - faster.RawLoss);

    private IEnumerable<double> CalibratedLosses()
    {
        int classes = Logits.Length / Labels.Length;
        double[] logits = Array.ConvertAll(Logits, logit => (double)logit);
        double temperature = Temperature.Fit(logits, Labels, classes).Value;
        double[] scaled = Array.ConvertAll(logits, logit => logit / temperature);
        return Labels.Select(
            (label, n) => CrossValidation.LogSumExp(scaled.AsSpan(n * classes, classes)) - scaled[(n * classes) + label]
        );
    }
}
