using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>The networks between the probe and a trained one (<see cref="WeightInterpolation"/>) as candidates.</summary>
/// <param name="cut">Where the trained part begins; null: the head alone was trained, and there is no line.</param>
internal sealed class InterpolatedCandidates(FineTuningContext tuning, CutPoint? cut)
{
    public bool IsPossible => cut is not null && WeightInterpolation.IsPossible(tuning.Plan.Head);

    /// <summary>Fine-tuning's candidate, or the better one on the way to it from the probe.</summary>
    /// <param name="at">Makes the candidate at a share of the way; both ends' temperatures.</param>
    public ModelCandidate Best(
        ModelCandidate tuned,
        ProbeCandidate probe,
        Func<double, (double Probe, double Tuned), ModelCandidate> at
    )
    {
        if (!IsPossible)
        {
            return tuned;
        }

        (double, double) temperatures = (probe.OwnTemperature, tuned.OwnTemperature);
        List<ModelCandidate> tried =
        [
            tuned,
            .. WeightInterpolation.Shares.Select(share => at(share, temperatures) with { Share = share }),
        ];
        ModelCandidate best = tried.Aggregate((one, other) => other.IsBetterThan(one) ? other : one);
        TrialTable table = new(
            "how far from the probe's weights to the trained ones",
            [
                .. tried.Select(t => new Trial(
                    $"{t.Share:P0}",
                    t.Score.Accuracy,
                    t.Score.Loss,
                    ReferenceEquals(t, best)
                )),
            ],
            $"the accuracy where it differs by more than its standard error, else the calibrated loss, of {tuning.Validation.Labels.Length} images"
        );
        tuning.Progress.Report(table.Event);
        return best with { Trials = [.. best.Trials, table] };
    }

    public (OnnxModel Network, float[] Logits) Interpolate(
        double share,
        OnnxModel start,
        OnnxModel tuned,
        (double, double) temperatures,
        IReadOnlyList<LabelledImage> images
    ) =>
        new WeightInterpolation(cut!.Edge, tuning.Body.InputShape).Interpolate(
            share,
            start,
            tuned,
            temperatures,
            tuning.Extraction.Rows(tuning.Extraction.At(cut), tuning.Data, images),
            tuning.Plan.Body.Batch
        );

    /// <summary>What was trained on all images, at the share that was judged best.</summary>
    public OnnxModel AtShare(double share, ProbeCandidate probe, ModelCandidate tuned, OnnxModel all) =>
        share == 1
            ? all
            : Interpolate(
                share,
                NetworkFactory.WithProbe(tuning.Body, tuning.Plan.Head.TrainedPooling, probe.Shipped),
                all,
                (probe.OwnTemperature, tuned.OwnTemperature),
                []
            ).Network;
}
