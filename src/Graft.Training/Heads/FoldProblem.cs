using Graft.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>One fold: the regression on the rows outside it, and the rows inside.</summary>
internal sealed class FoldProblem : IDisposable
{
    private readonly int[] _heldOut;
    private readonly Tensor _heldOutRows;           // [M,r]

    public FoldProblem(ProbeRows rows, Tensor coordinates, int[] folds, int fold)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] all = [.. Enumerable.Range(0, folds.Length)];
        int[] training = [.. all.Where(n => folds[n] != fold)];
        _heldOut = [.. all.Where(n => folds[n] == fold)];
        _heldOutRows = Rows(coordinates, _heldOut).DetachFromDisposeScope();
        Training = new(
            Rows(coordinates, training),
            [.. training.Select(n => rows.Labels[n])],
            rows.Weights is null ? null : [.. training.Select(n => rows.Weights[n])],
            rows.ClassCount);
    }

    public LogisticProblem Training { get; }

    /// <summary>Writes the logits of the rows held out to their places in <paramref name="logits"/> [N,C].</summary>
    public void HeldOutLogits(double[] parameters, double[] logits)
    {
        using DisposeScope scope = NewDisposeScope();
        int classCount = Training.ClassCount;
        Tensor weight = AlignedTensor.Of(parameters[..^classCount], [classCount, Training.FeatureCount]).to(_heldOutRows.dtype);
        double[] found = _heldOutRows.mm(weight.t()).to(ScalarType.Float64).data<double>().ToArray();  // [M,C]
        ReadOnlySpan<double> bias = parameters.AsSpan(parameters.Length - classCount);
        for (int i = 0; i < _heldOut.Length; i++)
        {
            for (int c = 0; c < classCount; c++)
            {
                logits[(_heldOut[i] * classCount) + c] = found[(i * classCount) + c] + bias[c];
            }
        }
    }

    public void Dispose()
    {
        _heldOutRows.Dispose();
        Training.Dispose();
    }

    private static Tensor Rows(Tensor coordinates, int[] which) => coordinates.index_select(0, tensor(which.Select(n => (long)n).ToArray()));
}
