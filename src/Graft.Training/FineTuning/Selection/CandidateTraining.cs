using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>The parts of fine-tuning that both validation schemes use.</summary>
/// <param name="tuning">What all trainings share.</param>
/// <param name="chosen">Depth and rate.</param>
/// <param name="steps">The cuts at which the body is unfrozen, the chosen one last.</param>
internal sealed class CandidateTraining(FineTuningContext tuning, SelectedSetting chosen, IReadOnlyList<CutPoint> steps)
{
    private readonly CutPoint? _cut = chosen.Setting?.Cut;

    /// <summary>Runs phases one after the other.</summary>
    public PhaseSequence Phases { get; } = new(tuning);

    /// <summary>The networks between the probe and a trained one.</summary>
    public InterpolatedCandidates Interpolated { get; } = new(tuning, chosen.Setting?.Cut);

    /// <summary>The phases of the plan, at the chosen depth and rate.</summary>
    public List<EpochLoopPlan> PlannedPhases() => tuning.Plan.Phases(chosen.Setting, steps);

    /// <summary>The network that training starts from.</summary>
    public OnnxModel StartFrom(ProbeResult probe) =>
        NetworkFactory.WithHead(tuning.Body, tuning.Plan.Head, probe, tuning.Plan.Seed);

    /// <summary>The body with the probe as its head, where interpolation starts.</summary>
    public OnnxModel WithProbe(ProbeResult probe) =>
        NetworkFactory.WithProbe(tuning.Body, tuning.Plan.Head.TrainedPooling, probe);

    /// <summary>The candidate of a trained network.</summary>
    /// <param name="network">Body and head, down to the logits.</param>
    /// <param name="logits">Logits of the images that score it, [N,C].</param>
    /// <param name="stopped">Why training stopped.</param>
    public ModelCandidate Candidate(OnnxModel network, float[] logits, string stopped) =>
        ModelCandidate.Of("fine-tuned", network, logits, tuning.Validation.Labels, stopped) with
        {
            Cut = _cut,
            Trials = chosen.Trials,
        };

    /// <summary>The candidate with the logits of an interpolated network.</summary>
    /// <param name="tuned">The trained candidate.</param>
    /// <param name="logits">Logits of the same images, [N,C].</param>
    public ModelCandidate WithLogits(ModelCandidate tuned, float[] logits) =>
        tuned with
        {
            Score = ModelCandidate.CalibratedScore(logits, tuning.Validation.Labels),
            Logits = logits,
            HeldOutLogits = logits,
        };

    /// <summary>Distances of held-out images from the images that a network was trained on.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="training">Images that it was trained on.</param>
    /// <param name="heldOut">Images that it has not seen.</param>
    public double[] NoveltyDistances(
        OnnxModel network,
        IReadOnlyList<LabelledImage> training,
        IReadOnlyList<LabelledImage> heldOut
    )
    {
        Pooling pooling = tuning.Plan.Head.Pooling;
        using NoveltyFeatures features = new(network, tuning.Body, _cut, tuning.Extraction, tuning.Data, pooling);
        return heldOut.Count == 0
            ? []
            : NoveltyScore
                .Fit(
                    features.Compute(training),
                    NoveltyGroups.Of(tuning.Data.TrueLabelsOf(training), tuning.Data.ClassCount)
                )
                .Distances(features.Compute(heldOut));
    }

    /// <summary>
    /// Reports it when the probe, which is the same network with one linear layer, beats a head with hidden layers. A
    /// big head is hard to start and easy to overfit on few images.
    /// </summary>
    public void SuggestSimplerHead(ModelCandidate tuned, ProbeCandidate probe)
    {
        HeadOptions head = tuning.Plan.Head;
        if (head.Layers.Count > 0 && !tuned.IsBetterThan(probe))
        {
            string widths = string.Join('-', head.Layers);
            tuning.Progress.Report(
                new Notice(
                    $"A simpler head does better: one linear layer (the probe) reaches {probe.Summary}, "
                        + $"{widths} units reach {tuned.Summary}, on the same {tuned.Labels.Count} images."
                )
            );
        }
    }
}
