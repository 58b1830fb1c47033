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
/// The line between the probe's weights and the trained ones, in one network: what lies on it is about as good as the
/// mean of both networks' answers, at the cost of one
/// (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", section 3; measured in docs/results.md).
/// </summary>
/// <param name="edge">Where the trained part begins.</param>
/// <param name="inputShape">Of an image.</param>
internal sealed class WeightInterpolation(string edge, long[] inputShape)
{
    /// <summary>Of the trained weights; 1 is fine-tuning alone.</summary>
    public static readonly IReadOnlyList<double> Shares = [0.75, 0.5];

    /// <summary>Whether both ends have the same weights: one linear layer on the features as they are.</summary>
    public static bool IsPossible(HeadOptions head) => head.Layers.Count == 0 && head.Start != HeadStart.Random;

    /// <summary>The network at a share of the way, and its logits for some rows.</summary>
    /// <param name="probe">Where the line begins: body and probe.</param>
    /// <param name="tuned">Where it ends; stays as it is.</param>
    /// <param name="share">Of the trained weights, 0..1.</param>
    /// <param name="temperatures">By which the ends' logits are divided to be as sure as they may be; so that neither
    /// is louder than the other.</param>
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
