using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>Candidates between the probe and a fine-tuned network (<see cref="WeightInterpolation"/>).</summary>
/// <param name="tuning">What all trainings share.</param>
/// <param name="cut">Where the trained part begins. Null: only the head was trained, and nothing is
/// interpolated.</param>
internal sealed class InterpolatedCandidates(FineTuningContext tuning, CutPoint? cut)
{
    /// <summary>True where the two networks have the same weights to interpolate.</summary>
    public bool IsPossible => cut is not null && WeightInterpolation.IsPossible(tuning.Plan.Head);

    /// <summary>The best one of the fine-tuned candidate and those between it and the probe.</summary>
    /// <param name="tuned">The fine-tuned candidate.</param>
    /// <param name="probe">The probe.</param>
    /// <param name="at">Makes the candidate with a share of the trained weights, given the temperatures of probe and
    /// fine-tuned candidate.</param>
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
            (
                tuned.Labels.AreSets
                    ? "the right decisions where they differ by more than their standard error, "
                    : "the accuracy where it differs by more than its standard error, "
            ) + $"else the calibrated loss, of {tuning.Validation.Labels.Count} images"
        );
        tuning.Progress.Report(table.Event);
        return best with { Trials = [.. best.Trials, table] };
    }

    /// <inheritdoc cref="WeightInterpolation.Interpolate"/>
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

    /// <summary>The network that was trained on all images, at the best share.</summary>
    /// <param name="share">Share of the trained weights, 0..1.</param>
    /// <param name="probe">The probe.</param>
    /// <param name="tuned">The candidate that was scored.</param>
    /// <param name="all">The network that was trained on all images.</param>
    public OnnxModel AtShare(double share, ProbeCandidate probe, ModelCandidate tuned, OnnxModel all) =>
        share == 1
            ? all
            : Interpolate(
                share,
                NetworkFactory.WithProbe(tuning.Body, tuning.Plan.Head.TrainedPooling, probe.FinalFit),
                all,
                (probe.OwnTemperature, tuned.OwnTemperature),
                []
            ).Network;
}
