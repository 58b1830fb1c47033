using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using TorchSharp;
using TorchSharp.Modules;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Interpolates between the probe's weights and the trained ones (WiSE-FT; Wortsman et al. 2022, "Robust fine-tuning of
/// zero-shot models", section 3). The result is about as good as the mean of both networks' answers, at the cost of one
/// network (docs/results.md).
/// </summary>
/// <param name="edge">Where the trained part begins.</param>
/// <param name="inputShape">Shape of an image, [C,H,W].</param>
internal sealed class WeightInterpolation(string edge, long[] inputShape)
{
    /// <summary>Shares of the trained weights to try. 1 is fine-tuning alone.</summary>
    public static readonly IReadOnlyList<double> Shares = [0.75, 0.5];

    /// <summary>
    /// True where both networks have the same weights: one linear layer on features that are not scaled.
    /// </summary>
    public static bool IsPossible(HeadOptions head) => head.Layers.Count == 0 && head.Start != HeadStart.Random;

    /// <summary>The interpolated network, and its logits of some images, [N,C].</summary>
    /// <param name="share">Share of the trained weights, 0..1.</param>
    /// <param name="probe">The body with the probe as its head.</param>
    /// <param name="tuned">The fine-tuned network. It does not change.</param>
    /// <param name="temperatures">Temperatures that calibrate the two heads. Each head is divided by its own, so that
    /// neither is more confident than the other.</param>
    /// <param name="rows">Activations of the images.</param>
    /// <param name="batch">Images per forward pass.</param>
    public (OnnxModel Network, float[] Logits) Interpolate(
        double share,
        OnnxModel probe,
        OnnxModel tuned,
        (double Probe, double Tuned) temperatures,
        LabelledActivations rows,
        int batch
    )
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel mixed = tuned.Clone();
        using TorchGraph from = new(Subgraph.Tail(probe, edge, inputShape));
        using TorchGraph to = new(Subgraph.Tail(mixed, edge, inputShape));
        using (no_grad())
        {
            foreach ((string name, Parameter parameter) in to.Parameters)
            {
                bool isHead = name.StartsWith(HeadBuilder.Prefix, StringComparison.Ordinal);
                parameter
                    .mul_(Held(share / (isHead ? temperatures.Tuned : 1)))
                    .add_(from.Parameters[name], Held((1 - share) / (isHead ? temperatures.Probe : 1)));
            }
        }

        to.WriteWeights(mixed);
        return (mixed, TailEvaluation.Logits(to, rows, batch));
    }
}
