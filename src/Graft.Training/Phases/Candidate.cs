using Graft.Onnx;
using Graft.Training.Heads;

namespace Graft.Training.Phases;

/// <summary>A network that could be shipped.</summary>
/// <param name="Name">"probe" or "fine-tuned".</param>
/// <param name="Network">Body and head, down to the logits.</param>
/// <param name="Score">On validation images, by weights that did not see them.</param>
/// <param name="Logits">On the same images, N x C: what the temperature is fitted on.</param>
/// <param name="Stopped">Why its training stopped.</param>
internal record Candidate(string Name, OnnxModel Network, Score Score, float[] Logits, string Stopped)
{
    public string Summary => $"validation accuracy {Score.Accuracy:P1}, loss {Score.Loss:0.000}";
}

/// <summary>Feature extraction's candidate.</summary>
/// <param name="Judged">Fitted on the training images alone.</param>
/// <param name="Shipped">Fitted on the validation images too, where they were drawn out of the training images.</param>
internal sealed record ProbeCandidate(ProbeResult Judged, ProbeResult Shipped, OnnxModel Network, Score Score, float[] Logits)
    : Candidate("probe", Network, Score, Logits, "the fit has converged");

/// <summary>Which candidate is shipped, and why.</summary>
internal sealed record Choice(Candidate Shipped, ProbeCandidate Probe, string Reason)
{
    /// <summary>The better one on validation images; the probe where they are equal, being the simpler.</summary>
    public static Choice Between(ProbeCandidate probe, Candidate? tuned)
    {
        if (tuned is null)
        {
            return new(probe, probe, $"The probe is shipped: nothing else was asked for ({probe.Summary}).");
        }

        return tuned.Score.IsBetterThan(probe.Score)
            ? new(tuned, probe, $"The fine-tuned model is shipped: {tuned.Summary}; the probe: {probe.Summary}.")
            : new(probe, probe, $"The probe is shipped: fine-tuning was not better ({tuned.Summary}; the probe: {probe.Summary}).");
    }
}
