using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>Part of a batch that goes through the network at once.</summary>
/// <param name="First">Number of its first image in the batch.</param>
/// <param name="Count">Number of its images.</param>
/// <param name="Whole">Number of images in the whole batch.</param>
internal readonly record struct BatchPiece(int First, int Count, int Whole)
{
    public bool IsWhole => Count == Whole;
}

/// <summary>
/// Gradient of a batch's mean loss. When memory runs out the batch is split into 2, 4, ... pieces, whose gradients add
/// up to the same value but for rounding.
/// </summary>
/// <param name="plan">Settings of the phase.</param>
/// <param name="tail">The trained part of the network.</param>
/// <param name="parameters">Its parameters, which collect the gradients.</param>
/// <param name="progress">Receives a warning when a batch is split.</param>
/// <param name="relation">Targets of co-tuning (<see cref="TailLoss"/>). Null: there is no co-tuning.</param>
internal sealed class BatchGradient(
    EpochLoopPlan plan,
    TorchGraph tail,
    IReadOnlyList<Tensor> parameters,
    IProgress<TrainingEvent> progress,
    Tensor? relation = null
)
{
    private readonly TailLoss _loss = new(plan, relation);

    /// <summary>Number of pieces that a batch is split into. Later batches keep it.</summary>
    public int Pieces { get; set; } = 1;

    /// <summary>Adds the gradient to those of the parameters.</summary>
    /// <param name="batch">Activations, labels and weights of some images.</param>
    /// <param name="step">Number of the step, counted from 0 over the whole phase.</param>
    /// <returns>Mean loss of the new classes in nats, weighted if the batch has weights. Null where a loss is not
    /// finite; the gradients are then cleared.</returns>
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
                GC.Collect(); // frees the native memory behind managed handles
                progress.Report(
                    new Notice(
                        $"Memory ran out in a batch of {count} images: on with {Pieces} pieces a batch. "
                            + "The steps stay the same but for rounding.",
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
