using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>A tail's answers on plain views.</summary>
internal static class TailEvaluation
{
    /// <summary>Logits, row by row: N x C.</summary>
    /// <param name="output">Of the tail's outputs; the first is the new head's.</param>
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

    /// <summary>Accuracy and mean loss in nats; an infinite loss where there are no images.</summary>
    public static ValidationScore Score(TorchGraph tail, LabelledActivations rows, int batchSize) =>
        ValidationScore.Of(Logits(tail, rows, batchSize), rows.Labels);
}
