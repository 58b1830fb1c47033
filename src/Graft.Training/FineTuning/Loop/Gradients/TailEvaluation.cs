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
        Score(Logits(tail, rows, batchSize), rows.Labels);

    /// <param name="logits">N x C, row by row.</param>
    public static ValidationScore Score(ReadOnlySpan<float> logits, IReadOnlyList<int> labels)
    {
        if (labels.Count == 0)
        {
            return new(0, double.PositiveInfinity);
        }

        int classCount = logits.Length / labels.Count;
        int correct = 0;
        double loss = 0;
        for (int n = 0; n < labels.Count; n++)
        {
            ReadOnlySpan<float> row = logits.Slice(n * classCount, classCount);
            int best = ProbabilityMatrix.IndexOfLargest(row);
            double sum = 0;
            foreach (float logit in row)
            {
                sum += Math.Exp(logit - (double)row[best]);
            }

            correct += best == labels[n] ? 1 : 0;
            loss += Math.Log(sum) + row[best] - row[labels[n]];
        }

        return new((double)correct / labels.Count, loss / labels.Count);
    }
}
