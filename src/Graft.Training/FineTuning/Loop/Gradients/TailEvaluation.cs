using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>Logits and scores of a tail on the plain views of images.</summary>
internal static class TailEvaluation
{
    /// <summary>Logits, row by row: [N,C].</summary>
    /// <param name="tail">The trained part of the network.</param>
    /// <param name="rows">Activations of the images.</param>
    /// <param name="batchSize">Images per forward pass.</param>
    /// <param name="output">Number of the tail's output. 0: the new head.</param>
    public static float[] Logits(TorchGraph tail, LabelledActivations rows, int batchSize, int output = 0)
    {
        using IDisposable noGradient = inference_mode();
        List<float> logits = [];
        foreach (Batch batch in rows.PlainBatches(batchSize).Prefetched())
        {
            using DisposeScope scope = NewDisposeScope();
            using Batch owned = batch;
            logits.AddRange(tail.ForwardAll(batch.Images)[output].to(ScalarType.Float32).contiguous().data<float>());
        }

        return [.. logits];
    }

    /// <summary>Accuracy and mean loss in nats. The loss is infinite where there are no images.</summary>
    public static ValidationScore Score(TorchGraph tail, LabelledActivations rows, int batchSize) =>
        ValidationScore.Of(Logits(tail, rows, batchSize), rows.Labels);
}
