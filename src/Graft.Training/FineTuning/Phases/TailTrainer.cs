using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>
/// Trains the part of a network behind an edge and writes the weights back. Head training and fine-tuning share it.
/// </summary>
internal static class TailTrainer
{
    /// <param name="network">Body and head, down to the logits. Its weights change.</param>
    /// <param name="edge">Where the trained part begins: the head's features, or a cut.</param>
    /// <param name="inputShape">Shape of an image, [C,H,W].</param>
    /// <param name="plan">Settings of the phase.</param>
    /// <param name="training">Activations of the training images at the edge.</param>
    /// <param name="validation">Activations of the validation images at the edge; may be empty.</param>
    /// <param name="progress">Receives the events of the phase.</param>
    /// <param name="cancel">Ends the phase early; the best weights so far remain.</param>
    /// <param name="checkpoints">Where checkpoints are written and read. Null: nowhere.</param>
    /// <param name="budget">Time that the phase may take. Null: no limit.</param>
    /// <returns>The result of the phase, and the validation logits of the best weights, [N,C].</returns>
    /// <exception cref="GraftException">A frozen weight changed, or no trained weight did.</exception>
    public static (EpochLoopResult Result, float[] Logits) Run(
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
        OnnxModel tailModel = Subgraph.Tail(network, edge, inputShape);
        plan.CoTuning?.Head.AppendTo(tailModel);
        using TorchGraph tail = new(tailModel, new TorchGraphOptions { ComputeType = plan.ComputeType });
        WeightHashes before = WeightHashes.Of(network, [.. tail.Parameters.Keys]);
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter(
            plan.Name,
            Fingerprint.Of(
                $"{plan} {edge} {before.Frozen} {before.Trained}",
                training.Description,
                validation.Description
            )
        );
        (EpochLoopResult result, float[] logits) = FinishedPhase.Load(kept, tail) is FinishedPhase finished
            ? finished.Restore(tail)
            : Train();
        tail.WriteWeights(network, name => !PretrainedHead.Owns(name));
        before.Check(network, edge, plan.Name, result.BestEpoch > 0);
        return (result, logits);

        (EpochLoopResult, float[]) Train()
        {
            int classCount = (int)network.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue;
            using IDisposable freed = ProcessMemory.KeepFreedBlocks();
            using TrainedWeights weights = new(plan, ParameterGroup.Of(tailModel, tail.Parameters, plan.QuarterDecay));
            EpochLoopResult reached = EpochLoopFactory
                .Create(plan, tail, weights, training, validation, classCount, progress, kept, budget)
                .Run(cancel);
            float[] answers = TailEvaluation.Logits(tail, validation, plan.Batch);
            if (!cancel.IsCancellationRequested)
            {
                FinishedPhase.Save(kept, tail, reached, answers);
            }

            return (reached, answers);
        }
    }
}
