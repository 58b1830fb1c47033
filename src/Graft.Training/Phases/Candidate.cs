using Graft.Onnx;
using Graft.Training.Heads;

namespace Graft.Training.Phases;

/// <summary>A network that could be shipped.</summary>
/// <param name="Name">"probe" or "fine-tuned".</param>
/// <param name="Network">Body and head, down to the logits.</param>
/// <param name="Score">On validation images, by weights that did not see them; the loss is that of calibrated probabilities.</param>
/// <param name="Logits">On the same images, N x C: what the temperature is fitted on.</param>
/// <param name="Stopped">Why its training stopped.</param>
internal record Candidate(string Name, OnnxModel Network, Score Score, float[] Logits, string Stopped)
{
    public string Summary => $"validation accuracy {Score.Accuracy:P1}, calibrated loss {Score.Loss:0.000}";

    /// <summary>Judges logits; calibrated, so that a candidate is not preferred for being modest, or another for being sure.</summary>
    public static Score Judge(float[] logits, int[] labels)
    {
        double calibrated = Temperature.Fit(Array.ConvertAll(logits, logit => (double)logit), labels, logits.Length / labels.Length).LossAfter;
        return TailEvaluation.Score(logits, labels) with { Loss = calibrated };
    }

    public static Candidate Of(string name, OnnxModel network, float[] logits, int[] labels, string stopped) => new(name, network, Judge(logits, labels), logits, stopped);

    /// <summary>By accuracy where it differs by more than a standard error, by the calibrated loss, which says more about few images, where it does not.</summary>
    public bool IsBetterThan(Candidate other)
    {
        int count = Logits.Length / Math.Max(1, ClassCount);
        double mean = (Score.Accuracy + other.Score.Accuracy) / 2;
        double standardError = Math.Sqrt(mean * (1 - mean) / Math.Max(1, count));
        double gain = Score.Accuracy - other.Score.Accuracy;
        return Math.Abs(gain) > standardError ? gain > 0 : Score.Loss < other.Score.Loss;
    }

    private int ClassCount => (int)Network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
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

        return tuned.IsBetterThan(probe)
            ? new(tuned, probe, $"The fine-tuned model is shipped: {tuned.Summary}; the probe: {probe.Summary}.")
            : new(probe, probe, $"The probe is shipped: fine-tuning was not better ({tuned.Summary}; the probe: {probe.Summary}).");
    }
}
