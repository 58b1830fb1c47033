using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>
/// Trains the part of a network behind an edge and writes the values back: what warm-up and fine-tuning share.
/// </summary>
internal static class TailTrainer
{
    /// <param name="network">Body and head, down to the logits; its weights change.</param>
    /// <param name="edge">Where the trained part begins: the head's features, or a cut.</param>
    /// <returns>How it went, and the validation logits of the best weights, N x C.</returns>
    /// <exception cref="GraftException">Something frozen changed, or nothing that was trained did.</exception>
    public static (EpochLoopResult Outcome, float[] Logits) Run(
        OnnxModel network,
        string edge,
        long[] inputShape,
        EpochLoopPlan plan,
        LabelledActivations training,
        LabelledActivations validation,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel,
        CheckpointFolder? checkpoints = null,
        TimeBudget? budget = null
    )
    {
        using DisposeScope scope = torch.NewDisposeScope();
        OnnxModel tailModel = GraphEdit.Tail(network, edge, inputShape);
        plan.CoTuning?.Head.AppendTo(tailModel);
        using TorchGraph tail = new(tailModel, new TorchGraphOptions { ComputeType = plan.ComputeType });
        HashSet<string> trained = [.. tail.Parameters.Keys];
        string frozenBefore = FrozenHash.OfFrozen(network, trained);
        string trainedBefore = FrozenHash.OfTrained(network, trained);

        int classCount = (int)network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(tailModel, tail.Parameters, plan.QuarterDecay);
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter(
            plan.Name,
            Fingerprint.Of(
                $"{plan} {edge} {frozenBefore} {trainedBefore}",
                training.Description,
                validation.Description
            )
        );
        (EpochLoopResult outcome, float[] logits) = FinishedPhase.Load(kept, tail) is FinishedPhase learned
            ? learned.Restore(tail)
            : Train();
        tail.WriteBack(network, name => !PretrainedHead.IsOwner(name));

        if (FrozenHash.OfFrozen(network, trained) != frozenBefore)
        {
            throw new GraftException(
                $"'{plan.Name}' changed weights before the cut '{edge}', which are frozen: this is a defect of Graft, please report it"
            );
        }

        if (outcome.BestEpoch > 0 && FrozenHash.OfTrained(network, trained) == trainedBefore)
        {
            throw new GraftException(
                $"'{plan.Name}' changed no weight behind the cut '{edge}': this is a defect of Graft, please report it"
            );
        }

        return (outcome, logits);

        (EpochLoopResult, float[]) Train()
        {
            using EpochLoop loop = new(plan, tail, groups, training, validation, classCount, progress, kept, budget);
            EpochLoopResult reached = loop.Run(cancel);
            float[] answers = TailEvaluation.Logits(tail, validation, plan.Batch);
            if (!cancel.IsCancellationRequested)
            {
                FinishedPhase.Save(kept, tail, reached, answers);
            }

            return (reached, answers);
        }
    }
}
