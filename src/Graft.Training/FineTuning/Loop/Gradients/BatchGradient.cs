using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>A part of a batch that goes through the network at once.</summary>
/// <param name="Whole">Images of the whole batch.</param>
internal readonly record struct BatchPiece(int First, int Count, int Whole)
{
    public bool IsWhole => Count == Whole;
}

/// <summary>
/// The gradient of a batch's mean loss: in one piece or, where memory runs out, in two, four … whose gradients add up
/// to the same but for the order of the sums.
/// </summary>
/// <param name="relation">Of co-tuning; null: there is none (<see cref="TailLoss"/>).</param>
internal sealed class BatchGradient(
    EpochLoopPlan plan,
    TorchGraph tail,
    IReadOnlyList<Tensor> parameters,
    IProgress<TrainingEvent> progress,
    Tensor? relation = null
)
{
    private readonly TailLoss _loss = new(plan, relation);

    /// <summary>Into how many a batch is cut; kept for the batches that follow.</summary>
    public int Pieces { get; set; } = 1;

    /// <summary>Adds the gradient to the parameters' own.</summary>
    /// <returns>The mean loss in nats of the new classes, weighted where the batch has weights; null where it is not
    /// finite: no gradient is left then.</returns>
    public double? Add(Batch batch, int step)
    {
        int count = (int)batch.Labels.shape[0];
        while (true)
        {
            try
            {
                return AddPieces(batch, count, step);
            }
            catch (Exception error) when (MemoryErrors.IsOutOfMemory(error) && Pieces < count)
            {
                Clear();
                Pieces = Math.Min(2 * Pieces, count);
                GC.Collect(); // native memory behind managed handles
                progress.Report(
                    new Notice(
                        $"Memory ran out in a batch of {count} images: on with {Pieces} pieces a batch; the steps stay the same but for rounding.",
                        IsWarning: true
                    )
                );
            }
        }
    }

    private double? AddPieces(Batch batch, int count, int step)
    {
        int size = (count + Pieces - 1) / Pieces;
        double sum = 0;
        for (int first = 0; first < count; first += size)
        {
            BatchPiece piece = new(first, Math.Min(size, count - first), count);
            double? loss = AddPiece(batch, piece, step);
            if (loss is null)
            {
                Clear();
                return null;
            }

            sum += loss.Value * piece.Count / count;
        }

        return sum;
    }

    private double? AddPiece(Batch batch, BatchPiece piece, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor images, Tensor labels, Tensor? weights) = (
            Part(batch.Images),
            Part(batch.Labels),
            batch.Weights is null ? null : Part(batch.Weights)
        );
        FaultPoint.Hit("batch");
        // [N,C] and, with co-tuning, [N,S]
        Tensor[] outputs = tail.ForwardAll(images, DropoutMasks.For(plan.Seed, step, piece));
        (Tensor loss, Tensor own) = _loss.Of(outputs, labels, weights); // means over the piece
        if (!float.IsFinite((float)loss.ReadNumber()))
        {
            return null;
        }

        (piece.IsWhole ? loss : loss.Times((double)piece.Count / piece.Whole)).backward();
        return (float)own.ReadNumber();

        Tensor Part(Tensor whole) => piece.IsWhole ? whole : whole.narrow(0, piece.First, piece.Count);
    }

    private void Clear()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (Tensor parameter in parameters)
        {
            parameter.grad?.zero_();
        }
    }
}
