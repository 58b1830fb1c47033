using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// One node of the compiled graph: its kernel, the slots that it reads and writes, and the slots freed after it.
/// </summary>
internal sealed class NodeStep(NodeContext node, Kernel kernel, int[] inputs, int[] outputs) : IDisposable
{
    // Suffices for full batches and a smaller last batch, in training and in evaluation.
    private const int KeptResults = 4;

    private readonly List<Result> _kept = [];

    public NodeContext Node => node;

    public int[] Inputs => inputs;

    public int[] Outputs => outputs;

    /// <summary>Slots that no later step reads; their values are freed after this step.</summary>
    public int[] FreedSlots { get; set; } = [];

    /// <summary>Whether the output depends on the input's shape but not on its values.</summary>
    private bool ReadsShape => node.Node.OpType is "Shape" or "Size";

    public void Run(EdgeValue?[] slots, bool isTraining, DropoutMask? masks)
    {
        bool isDropping = isTraining && node.Node.OpType == "Dropout";
        if (!isDropping && (ReadsShape || Array.TrueForAll(inputs, i => i < 0 || slots[i] is null or { IsHost: true })))
        {
            RunOnHost(slots);
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor[] results = kernel(new NodeInputs(node, slots, inputs, false, isTraining, masks));
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] >= 0)
            {
                slots[outputs[i]] = new EdgeValue(Own(At(results, i), slots).MoveToOuterDisposeScope(), isHost: false);
            }
        }
    }

    public void Dispose()
    {
        _kept.ForEach(Free);
        _kept.Clear();
    }

    // Results that depend on constants and shapes only are computed once per shape and kept: shape arithmetic and
    // folded frozen weights.
    private void RunOnHost(EdgeValue?[] slots)
    {
        EdgeValue?[] given = Array.ConvertAll(inputs, i => i < 0 ? null : slots[i]);
        Result? kept;
        lock (_kept)
        {
            kept = ReadsShape
                ? _kept.Find(result => result.Shape.AsSpan().SequenceEqual(given[0]!.Tensor.shape))
                : _kept.Find(result => result.IsOf(given));
            kept ??= Compute(given, slots);
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] >= 0)
            {
                slots[outputs[i]] = i < kept.Outputs.Length ? kept.Outputs[i] : throw MissingOutput(i);
            }
        }
    }

    private Result Compute(EdgeValue?[] given, EdgeValue?[] slots)
    {
        using IDisposable normal = inference_mode(false);
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] results = kernel(new NodeInputs(node, slots, inputs, true, false, null));
        EdgeValue[] values = Array.ConvertAll(results, result => new EdgeValue(
            Own(result, slots).DetachFromDisposeScope(),
            isHost: true
        ));
        if (_kept.Count == KeptResults)
        {
            Free(_kept[0]);
            _kept.RemoveAt(0);
        }

        Result computed = ReadsShape ? new Result(given[0]!.Tensor.shape, [], values) : new Result([], given, values);
        _kept.Add(computed);
        return computed;
    }

    private Tensor At(Tensor[] results, int index) =>
        index < results.Length ? results[index] : throw MissingOutput(index);

    private Onnx.OnnxException MissingOutput(int index) =>
        node.Refuse($"output {index} is not supported; remove what reads it");

    // Slots are freed one by one, so no two may hold the same tensor.
    private Tensor Own(Tensor result, EdgeValue?[] slots) =>
        Array.Exists(inputs, i => i >= 0 && slots[i]?.Holds(result) == true) ? result.alias() : result;

    private static void Free(Result result) => Array.ForEach(result.Outputs, value => value.Dispose());

    private sealed record Result(long[] Shape, EdgeValue?[] Inputs, EdgeValue[] Outputs)
    {
        public bool IsOf(EdgeValue?[] given)
        {
            for (int i = 0; i < given.Length; i++)
            {
                if (!ReferenceEquals(Inputs[i], given[i]))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
